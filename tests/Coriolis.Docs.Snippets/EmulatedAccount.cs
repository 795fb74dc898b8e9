using Amazon.EC2;
using Amazon.Runtime;
using Coriolis.Aws.Emulator;

namespace Coriolis.Docs.Snippets;

internal static class EmulatedAccount
{
    public static async Task UseAsync(string folder, string image)
    {
        // snippet: emulator
        await using var emulator = await AwsEmulator.StartAsync(new AwsEmulatorOptions { DataDirectory = folder });
        var web = await emulator.Admin.CreateInstanceAsync("eu-west-1", new InstanceSeed
        {
            Name = "web-1",
            Volumes = [new VolumeSeed { SizeGiB = 8, SourceFile = image }],
        });

        var configuration = new AmazonEC2Config
        {
            ServiceURL = emulator.Endpoint.AbsoluteUri,
            AuthenticationRegion = "eu-west-1",
        };
        using var ec2 = new AmazonEC2Client(new BasicAWSCredentials(emulator.AccessKeyId, emulator.SecretAccessKey), configuration);
        var set = await ec2.CreateSnapshotsAsync(new() { InstanceSpecification = new() { InstanceId = web.InstanceId } });
        // end snippet

        Console.WriteLine(set.Snapshots.Count);
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
