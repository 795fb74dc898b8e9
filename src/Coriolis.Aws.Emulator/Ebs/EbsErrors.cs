using Coriolis.Aws.Emulator.Http;

namespace Coriolis.Aws.Emulator.Ebs;

/// <summary>The errors of the EBS direct APIs, with the statuses of their model.</summary>
internal static class EbsErrors
{
    public static AwsErrorException Invalid(string reason, string message) => new("ValidationException", 400, message, reason);

    public static AwsErrorException InvalidParameter(string message) => Invalid("INVALID_PARAMETER_VALUE", message);

    public static AwsErrorException InvalidBlock(string message) => Invalid("INVALID_BLOCK", message);

    public static AwsErrorException SnapshotNotFound(string snapshotId) =>
        new("ResourceNotFoundException", 404, $"The snapshot '{snapshotId}' does not exist.", "SNAPSHOT_NOT_FOUND");

    public static AwsErrorException KeyDenied(string keyArn) => new(
        "AccessDeniedException", 403, $"The KMS key {keyArn} of the snapshot is disabled or pending deletion.", "DEPENDENCY_ACCESS_DENIED");

    public static AwsErrorException KeyNotAllowed(string callerArn, string operation, string keyArn) => new(
        "AccessDeniedException",
        403,
        $"User: {callerArn} is not authorized to perform: kms:{operation} on resource: {keyArn}",
        "DEPENDENCY_ACCESS_DENIED");

    public static AwsErrorException KeyUnknown(string keyArn) => Invalid("INVALID_CUSTOMER_KEY", $"The KMS key {keyArn} of the snapshot does not exist.");

    public static AwsErrorException SnapshotThrottled(string snapshotId) => new(
        "RequestThrottledException", 400, $"Too many requests for the snapshot '{snapshotId}'.", "RESOURCE_LEVEL_THROTTLE");

    // The account's own limit also shows as this error, which is not in the model.
    public static AwsErrorException AccountThrottled() => new("ThrottlingException", 400, "Rate exceeded");
}
