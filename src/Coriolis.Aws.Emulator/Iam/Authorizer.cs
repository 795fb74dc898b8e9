using Coriolis.Aws.Emulator.Http;

namespace Coriolis.Aws.Emulator.Iam;

/// <summary>Asks the caller's policies about one call, action by action and resource by resource.</summary>
internal sealed class Authorizer(ServiceCall call, DateTimeOffset now)
{
    private ContextKeys? _keys;

    public CallerIdentity Identity => call.Identity;

    /// <summary>Whether there is nothing to ask, because the caller may do everything.</summary>
    public bool IsUnrestricted => Identity.Policies.IsUnrestricted;

    /// <summary>The condition keys that every request of this call has.</summary>
    public ContextKeys Keys => _keys ??= GlobalKeys.Of(call, now);

    public bool IsAllowed(AccessRequest request) => Identity.Policies.Decide(request) == AccessDecision.Allowed;

    /// <summary>Throws the service's error unless the request is allowed.</summary>
    public void Demand(AccessRequest request)
    {
        var decision = Identity.Policies.Decide(request);
        if (decision != AccessDecision.Allowed) throw DenialErrors.Create(call, request, decision);
    }
}
