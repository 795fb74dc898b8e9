using Amazon.EC2;
using Amazon.Runtime;
using Coriolis.Aws.Emulator;

namespace Coriolis.Docs.Snippets;

internal static class EmulatedAccount
{
    public static async Task UseAsync(string folder)
    {
        // snippet: emulator
        await using var emulator = await AwsEmulator.StartAsync(new AwsEmulatorOptions { DataDirectory = folder });

        var configuration = new AmazonEC2Config
        {
            ServiceURL = emulator.Endpoint.AbsoluteUri,
            AuthenticationRegion = "eu-west-1",
        };
        using var ec2 = new AmazonEC2Client(new BasicAWSCredentials(emulator.AccessKeyId, emulator.SecretAccessKey), configuration);
        var zones = await ec2.DescribeAvailabilityZonesAsync(new());
        // end snippet

        Console.WriteLine(zones.AvailabilityZones.Count);
    }

    public static async Task RestrictAsync(AwsEmulator emulator, string policyFile)
    {
        // snippet: emulator-policy
        var reader = await emulator.Admin.CreateCredentialAsync([await File.ReadAllTextAsync(policyFile)]);
        var credentials = new BasicAWSCredentials(reader.AccessKeyId, reader.SecretAccessKey);
        // end snippet

        Console.WriteLine(credentials.GetCredentials().AccessKey);
    }
}
