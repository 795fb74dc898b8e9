namespace Coriolis.Aws.Emulator.Ec2.Networking;

/// <summary>The names that AWS gives to addresses.</summary>
internal static class DnsNames
{
    public static string Private(string region, string ip) =>
        $"ip-{ip.Replace('.', '-')}.{(region == "us-east-1" ? "ec2.internal" : region + ".compute.internal")}";

    public static string Public(string region, string ip) =>
        $"ec2-{ip.Replace('.', '-')}.{(region == "us-east-1" ? "compute-1" : region + ".compute")}.amazonaws.com";
}
