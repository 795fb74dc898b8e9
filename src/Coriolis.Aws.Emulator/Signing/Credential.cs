using Coriolis.Aws.Emulator.Http;

namespace Coriolis.Aws.Emulator.Signing;

/// <summary>A secret that requests may be signed with, and whose it is.</summary>
/// <param name="Identity">Who signs with it.</param>
/// <param name="SecretAccessKey">What signatures are made with.</param>
/// <param name="SessionToken">The token that temporary credentials must send along; null for long-lived ones.</param>
/// <param name="ExpiresAt">When temporary credentials end; null for long-lived ones.</param>
internal sealed record Credential(
    CallerIdentity Identity, string SecretAccessKey, string? SessionToken = null, DateTimeOffset? ExpiresAt = null);
