namespace Coriolis.Aws.Emulator.Http;

/// <summary>The service names of the SigV4 credential scope.</summary>
internal static class ServiceNames
{
    public const string Ec2 = "ec2";
    public const string Ebs = "ebs";
    public const string Kms = "kms";
    public const string Sts = "sts";
}
