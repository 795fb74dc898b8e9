using Coriolis.Aws.Emulator.Iam;

namespace Coriolis.Aws.Emulator.Http;

/// <summary>Who signed a request.</summary>
internal sealed record CallerIdentity(string AccountId, string Arn, string UserId, string AccessKeyId)
{
    /// <summary>The user, or the role that a session was assumed of.</summary>
    public string PrincipalArn { get; init; } = Arn;

    /// <summary>Whether this is a session of a role rather than a user.</summary>
    public bool IsSession => PrincipalArn != Arn;

    /// <summary>The name of the user or role.</summary>
    public string PrincipalName => PrincipalArn[(PrincipalArn.LastIndexOf('/') + 1)..];

    /// <summary>What the caller may do.</summary>
    public PolicySet Policies { get; init; } = PolicySet.Unrestricted;
}
