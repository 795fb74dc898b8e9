using Coriolis.Aws.Emulator.Http;
using Coriolis.Aws.Emulator.Signing;

namespace Coriolis.Aws.Emulator.Faults;

/// <summary>The error that each service answers for a kind of fault.</summary>
internal static class FaultErrors
{
    /// <summary>Returns the error of the kind, or null when the kind is not an error answered in place of the call.</summary>
    public static AwsErrorException? Create(FaultRule rule, string service, IReadOnlyList<string> resourceIds)
    {
        var error = rule.Kind switch
        {
            FaultKind.Throttle => Throttle(service),
            FaultKind.ServerError => ServerError(service, rule.Status),
            FaultKind.AccessDenied => AccessDenied(service),
            FaultKind.ExpiredCredentials => new SigningErrors(service).ExpiredToken(),
            FaultKind.NotFound => NotFound(service, resourceIds.Count == 0 ? "" : resourceIds[0]),
            FaultKind.ExpiredToken => ExpiredToken(service),
            FaultKind.DisabledKey when service == ServiceNames.Ebs => new AwsErrorException(
                "AccessDeniedException", 403, "The KMS key of the snapshot is disabled.", "DEPENDENCY_ACCESS_DENIED"),
            FaultKind.InsufficientCapacity => new AwsErrorException(
                "InsufficientInstanceCapacity",
                500,
                "We currently do not have sufficient capacity in the Availability Zone you requested. Our system will be working on "
                + "provisioning additional capacity."),
            _ => null,
        };
        return error is null || (rule.Code is null && rule.Reason is null)
            ? error
            : new AwsErrorException(rule.Code ?? error.Code, error.Status, error.Message, rule.Reason ?? error.Reason);
    }

    public static AwsErrorException NotFound(string service, string id)
    {
        if (service == ServiceNames.Ebs)
        {
            return new AwsErrorException("ResourceNotFoundException", 404, $"The snapshot '{id}' does not exist.", "SNAPSHOT_NOT_FOUND");
        }

        if (service == ServiceNames.Kms)
        {
            return new AwsErrorException("NotFoundException", 400, $"Key '{id}' does not exist");
        }

        var (code, noun) = id[..Math.Max(0, id.LastIndexOf('-'))] switch
        {
            "i" => ("InvalidInstanceID", "instance ID"),
            "vol" => ("InvalidVolume", "volume"),
            "ami" => ("InvalidAMIID", "image id"),
            "sg" => ("InvalidGroup", "security group"),
            "subnet" => ("InvalidSubnetID", "subnet ID"),
            "vpc" => ("InvalidVpcID", "vpc ID"),
            "key" => ("InvalidKeyPair", "key pair"),
            _ => ("InvalidSnapshot", "snapshot"),
        };
        return new AwsErrorException(code + ".NotFound", 400, $"The {noun} '{id}' does not exist");
    }

    private static AwsErrorException Throttle(string service) => service switch
    {
        ServiceNames.Ec2 => new("RequestLimitExceeded", 503, "Request limit exceeded."),
        ServiceNames.Ebs => new(
            "RequestThrottledException", 400, "The request was throttled: too many requests for this snapshot.", "RESOURCE_LEVEL_THROTTLE"),
        ServiceNames.Kms => new("ThrottlingException", 400, "Rate exceeded"),
        _ => new("Throttling", 400, "Rate exceeded"),
    };

    private static AwsErrorException ServerError(string service, int status) => service switch
    {
        ServiceNames.Ec2 => new(status == 503 ? "Unavailable" : "InternalError", status, "An internal error has occurred"),
        ServiceNames.Ebs => new("InternalServerException", status, "An internal error has occurred."),
        ServiceNames.Kms => new("KMSInternalException", status, "An internal error has occurred."),
        _ => new("InternalFailure", status, "An internal error has occurred."),
    };

    private static AwsErrorException AccessDenied(string service) => service switch
    {
        ServiceNames.Ec2 => new("UnauthorizedOperation", 403, "You are not authorized to perform this operation."),
        ServiceNames.Ebs => new(
            "AccessDeniedException", 403, "You are not authorized to perform this operation on the snapshot.", "UNAUTHORIZED_ACCOUNT"),
        ServiceNames.Kms => new("AccessDeniedException", 400, "The caller is not authorized to perform this operation on the key."),
        _ => new("AccessDenied", 403, "The caller is not authorized to perform this operation."),
    };

    private static AwsErrorException ExpiredToken(string service) => service switch
    {
        ServiceNames.Ebs => new("ValidationException", 400, "The token has expired.", "INVALID_BLOCK_TOKEN"),
        _ => new("InvalidNextToken", 400, "The specified token is not valid."),
    };
}
