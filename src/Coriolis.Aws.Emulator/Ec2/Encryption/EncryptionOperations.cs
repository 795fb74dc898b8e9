using Coriolis.Aws.Emulator.Ec2.Protocol;

namespace Coriolis.Aws.Emulator.Ec2.Encryption;

/// <summary>The account's encryption settings.</summary>
internal static class EncryptionOperations
{
    public static void GetByDefault(Ec2Call call)
    {
        call.Response.Add("ebsEncryptionByDefault", call.State.EncryptionByDefault);
        call.Response.Add("sseType", call.State.EncryptionByDefault ? "sse-kms" : null);
    }

    public static void EnableByDefault(Ec2Call call) => SetByDefault(call, true);

    public static void DisableByDefault(Ec2Call call) => SetByDefault(call, false);

    public static void GetDefaultKey(Ec2Call call) => WriteDefaultKey(call);

    public static void ModifyDefaultKey(Ec2Call call)
    {
        var name = call.Parameters.Required("KmsKeyId");
        call.State.DefaultKmsKey = call.Region.FindKey(name)?.Arn
            ?? throw Ec2Errors.InvalidValue($"The KMS key '{name}' does not exist in this region.");
        WriteDefaultKey(call);
    }

    public static void ResetDefaultKey(Ec2Call call)
    {
        call.State.DefaultKmsKey = null;
        WriteDefaultKey(call);
    }

    private static void SetByDefault(Ec2Call call, bool value)
    {
        call.State.EncryptionByDefault = value;
        call.Response.Add("ebsEncryptionByDefault", value);
    }

    private static void WriteDefaultKey(Ec2Call call) => call.Response.Add("kmsKeyId", KeyResolver.DefaultKey(call.Region));
}
