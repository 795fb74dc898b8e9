namespace Coriolis.Aws.Emulator;

/// <summary>An access key that the emulator accepts.</summary>
/// <param name="AccessKeyId">The public half.</param>
/// <param name="SecretAccessKey">The secret half; signatures are verified with it.</param>
/// <remarks>Immutable.</remarks>
public sealed record EmulatorCredential(string AccessKeyId, string SecretAccessKey)
{
    /// <summary>Returns the access key id only, so that the secret does not reach a log.</summary>
    public override string ToString() => $"EmulatorCredential {{ AccessKeyId = {AccessKeyId} }}";
}
