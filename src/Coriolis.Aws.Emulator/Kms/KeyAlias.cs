namespace Coriolis.Aws.Emulator.Kms;

/// <summary>Another name of a key, <c>alias/…</c>.</summary>
internal sealed record KeyAlias(string Name, string TargetKeyId, DateTimeOffset CreatedAt);
