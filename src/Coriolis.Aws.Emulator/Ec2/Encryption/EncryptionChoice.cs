namespace Coriolis.Aws.Emulator.Ec2.Encryption;

/// <summary>Whether a new volume or snapshot is encrypted, and by which key.</summary>
/// <remarks>The key is not usable when it does not exist or cannot encrypt: creation is announced and fails later.</remarks>
internal sealed record EncryptionChoice(bool Encrypted, string? KeyArn, bool KeyUsable)
{
    public static EncryptionChoice None { get; } = new(false, null, true);
}
