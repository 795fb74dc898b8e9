using Coriolis.Aws.Emulator.Http;

namespace Coriolis.Aws.Emulator.Kms;

/// <summary>The errors of KMS; all of them but the one of a dry run are HTTP 400.</summary>
internal static class KmsErrors
{
    public static AwsErrorException Create(string code, string message) => new(code, 400, message);

    public static AwsErrorException NotFound(string what) => Create("NotFoundException", what + " does not exist");

    public static AwsErrorException Invalid(string message) => Create("ValidationException", message);

    public static AwsErrorException DryRun() => new("DryRunOperationException", 412, "The request would have succeeded, but the DryRun option is set.");

    public static AwsErrorException InvalidState(EncryptionKey key) => key.State == EncryptionKey.Disabled
        ? Create("DisabledException", $"{key.Arn} is disabled.")
        : Create("KMSInvalidStateException", $"{key.Arn} is pending deletion.");
}
