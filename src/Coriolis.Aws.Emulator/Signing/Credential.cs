using Coriolis.Aws.Emulator.Http;
using Coriolis.Aws.Emulator.Iam;

namespace Coriolis.Aws.Emulator.Signing;

/// <summary>A secret that requests may be signed with, and whose it is.</summary>
/// <param name="Identity">Who signs with it.</param>
/// <param name="SecretAccessKey">What signatures are made with.</param>
internal sealed record Credential(CallerIdentity Identity, string SecretAccessKey)
{
    /// <summary>The token that temporary credentials must send along; null for long-lived ones.</summary>
    public string? SessionToken { get; init; }

    /// <summary>When temporary credentials end; null for long-lived ones.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>The policies of the user. Those of a role are the role's.</summary>
    public IReadOnlyList<PolicyDocument> Policies { get; init; } = [];

    /// <summary>The policies that a session was narrowed to when it was assumed.</summary>
    public IReadOnlyList<PolicyDocument> SessionPolicies { get; init; } = [];
}
