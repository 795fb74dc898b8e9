namespace Coriolis.Aws.Emulator.Iam;

/// <summary>The policies that apply to a caller: those of its identity, and those that its session was narrowed to.</summary>
internal sealed record PolicySet(IReadOnlyList<PolicyDocument> Identity, IReadOnlyList<PolicyDocument> Session)
{
    /// <summary>The rights of an identity that has no policies in the emulator: everything.</summary>
    public static PolicySet Unrestricted { get; } = new([], []);

    public bool IsUnrestricted => Identity.Count == 0 && Session.Count == 0;

    /// <summary>Decides as IAM does: a denial wins, then the identity and, where there is one, the session must allow.</summary>
    public AccessDecision Decide(AccessRequest request)
    {
        if (Any(Identity, PolicyEffect.Deny, request)) return AccessDecision.DeniedByIdentity;
        if (Any(Session, PolicyEffect.Deny, request)) return AccessDecision.DeniedBySession;
        if (Identity.Count > 0 && !Any(Identity, PolicyEffect.Allow, request)) return AccessDecision.NotAllowedByIdentity;
        return Session.Count > 0 && !Any(Session, PolicyEffect.Allow, request) ? AccessDecision.NotAllowedBySession : AccessDecision.Allowed;
    }

    private static bool Any(IReadOnlyList<PolicyDocument> policies, PolicyEffect effect, AccessRequest request) =>
        policies.Any(policy => policy.Says(effect, request));
}
