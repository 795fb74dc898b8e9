namespace Coriolis.Aws.Emulator;

/// <summary>An access key that the emulator accepts.</summary>
/// <param name="AccessKeyId">The public half.</param>
/// <param name="SecretAccessKey">The secret half; signatures are verified with it.</param>
/// <remarks>Immutable.</remarks>
public sealed record EmulatorCredential(string AccessKeyId, string SecretAccessKey)
{
    /// <summary>Gets the identity policies of the key's user, each an IAM policy document in JSON.</summary>
    /// <value>The default is none: the user may do everything. With any, it may do what they allow and none denies.</value>
    public IReadOnlyList<string> Policies { get; init; } = [];

    /// <summary>Returns the access key id only, so that the secret does not reach a log.</summary>
    public override string ToString() => $"EmulatorCredential {{ AccessKeyId = {AccessKeyId} }}";
}
