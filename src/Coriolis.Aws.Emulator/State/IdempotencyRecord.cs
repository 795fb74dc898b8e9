namespace Coriolis.Aws.Emulator.State;

/// <summary>A client token that was used, the parameters it came with and what it made.</summary>
internal sealed record IdempotencyRecord(string ParametersDigest, IReadOnlyList<string> ResourceIds, DateTimeOffset UsedAt);
