namespace Coriolis.Aws.Emulator.Iam;

/// <summary>One statement of a policy.</summary>
internal sealed record PolicyStatement
{
    public required PolicyEffect Effect { get; init; }

    public required IReadOnlyList<PolicyPattern> Actions { get; init; }

    /// <summary>Whether the statement has <c>NotAction</c>: it covers all actions but these.</summary>
    public bool ExceptActions { get; init; }

    public required IReadOnlyList<ArnPattern> Resources { get; init; }

    /// <summary>Whether the statement has <c>NotResource</c>: it covers all resources but these.</summary>
    public bool ExceptResources { get; init; }

    /// <summary>All of them must hold.</summary>
    public IReadOnlyList<PolicyCondition> Conditions { get; init; } = [];

    public bool Covers(AccessRequest request) =>
        Actions.Any(action => action.Matches(request.Action, request.Keys, ignoreCase: true)) != ExceptActions
        && Resources.Any(resource => resource.Matches(request.Resource, request.Keys)) != ExceptResources
        && Conditions.All(condition => Holds(condition, request));

    // What cannot be judged must not deny, and must not keep an allowance away.
    private bool Holds(PolicyCondition condition, AccessRequest request) => request.ResourceUnknown && condition.IsAboutResourceTags
        ? Effect == PolicyEffect.Allow
        : condition.Holds(request.Keys);
}
