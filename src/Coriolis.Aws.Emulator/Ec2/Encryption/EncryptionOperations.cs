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

    public static void GetDefaultKey(Ec2Call call) => call.Response.Add("kmsKeyId", KeyResolver.DefaultKey(call.Region));
}
