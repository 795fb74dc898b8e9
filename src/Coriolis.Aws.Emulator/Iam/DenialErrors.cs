using Coriolis.Aws.Emulator.Http;

namespace Coriolis.Aws.Emulator.Iam;

/// <summary>The errors that services answer to who is not allowed: who may not do what on what, and what kind of policy decided.</summary>
internal static class DenialErrors
{
    public static AwsErrorException Create(ServiceCall call, AccessRequest request, AccessDecision decision)
    {
        var message = Explain(call.Identity, request, decision);
        return call.Service switch
        {
            ServiceNames.Ec2 => new("UnauthorizedOperation", 403, $"You are not authorized to perform this operation. {message}{Encoded(call, request, decision)}"),
            ServiceNames.Ebs => new("AccessDeniedException", 403, message),
            ServiceNames.Kms => new("AccessDeniedException", 400, message),
            _ => new("AccessDenied", 403, message),
        };
    }

    private static string Explain(CallerIdentity identity, AccessRequest request, AccessDecision decision)
    {
        var where = request.Resource == "*" ? "" : $" on resource: {request.Resource}";
        var why = decision switch
        {
            AccessDecision.DeniedByIdentity => "with an explicit deny in an identity-based policy",
            AccessDecision.DeniedBySession => "with an explicit deny in a session policy",
            AccessDecision.NotAllowedBySession => $"because no session policy allows the {request.Action} action",
            _ => $"because no identity-based policy allows the {request.Action} action",
        };
        return $"User: {identity.Arn} is not authorized to perform: {request.Action}{where} {why}";
    }

    // EC2 sends the details along, but only for actions on resources.
    private static string Encoded(ServiceCall call, AccessRequest request, AccessDecision decision) => request.Resource == "*"
        ? ""
        : $". Encoded authorization failure message: {AuthorizationMessage.Encode(call.Identity, request, decision)}";
}
