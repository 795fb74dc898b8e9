using Amazon.EC2;
using Amazon.EC2.Model;
using Amazon.Runtime;
using Coriolis.Aws.Emulator;

namespace Coriolis.Cli;

/// <summary>The demo's view of its emulated account, through the AWS SDK like that of any other user.</summary>
internal sealed class DemoAccount : IDisposable
{
    public const string Region = "eu-west-1";
    public const string ImageId = "ami-0123456789abcdef0";
    public const string InstanceName = "demo";

    private readonly AmazonEC2Client _ec2;

    public DemoAccount(AwsEmulator emulator)
    {
        var configuration = new AmazonEC2Config { ServiceURL = emulator.Endpoint.AbsoluteUri, AuthenticationRegion = Region };
        _ec2 = new AmazonEC2Client(new BasicAWSCredentials(emulator.AccessKeyId, emulator.SecretAccessKey), configuration);
    }

    public void Dispose() => _ec2.Dispose();

    /// <summary>Launches the instance with a root disk from the image and an empty data disk.</summary>
    public async Task<DemoInstance> LaunchAsync(CancellationToken cancellationToken)
    {
        var request = new RunInstancesRequest
        {
            ImageId = ImageId,
            InstanceType = InstanceType.T3Small,
            MinCount = 1,
            MaxCount = 1,
            BlockDeviceMappings =
            [
                new BlockDeviceMapping
                {
                    DeviceName = "/dev/sdf",
                    Ebs = new EbsBlockDevice { VolumeSize = (int)(DemoDisks.DataSize >> 30), VolumeType = VolumeType.Gp3 },
                },
            ],
            TagSpecifications =
            [
                new TagSpecification { ResourceType = ResourceType.Instance, Tags = [new Tag("Name", InstanceName)] },
            ],
        };
        var launched = await _ec2.RunInstancesAsync(request, cancellationToken).ConfigureAwait(false);
        var instanceId = launched.Reservation.Instances.Single().InstanceId;

        var described = await _ec2
            .DescribeInstancesAsync(new DescribeInstancesRequest { InstanceIds = [instanceId] }, cancellationToken)
            .ConfigureAwait(false);
        var instance = described.Reservations.Single().Instances.Single();
        var root = instance.BlockDeviceMappings.Single(mapping => mapping.DeviceName == instance.RootDeviceName);
        var data = instance.BlockDeviceMappings.Single(mapping => mapping.DeviceName != instance.RootDeviceName);
        return new DemoInstance(instanceId, root.Ebs.VolumeId, data.Ebs.VolumeId);
    }

    /// <summary>The snapshots that the account owns.</summary>
    public async Task<IReadOnlyList<Snapshot>> ListSnapshotsAsync(CancellationToken cancellationToken)
    {
        var request = new DescribeSnapshotsRequest { OwnerIds = ["self"] };
        var response = await _ec2.DescribeSnapshotsAsync(request, cancellationToken).ConfigureAwait(false);
        return response.Snapshots ?? [];
    }

    /// <summary>Everything else that replication might have left, apart from the instance itself.</summary>
    public async Task<IReadOnlyList<string>> ListOthersAsync(DemoInstance instance, CancellationToken cancellationToken)
    {
        var instances = await _ec2.DescribeInstancesAsync(new DescribeInstancesRequest(), cancellationToken).ConfigureAwait(false);
        var volumes = await _ec2.DescribeVolumesAsync(new DescribeVolumesRequest(), cancellationToken).ConfigureAwait(false);
        var keys = await _ec2.DescribeKeyPairsAsync(new DescribeKeyPairsRequest(), cancellationToken).ConfigureAwait(false);
        var groups = await _ec2.DescribeSecurityGroupsAsync(new DescribeSecurityGroupsRequest(), cancellationToken).ConfigureAwait(false);
        return
        [
            .. (instances.Reservations ?? []).SelectMany(reservation => reservation.Instances)
                .Where(found => found.State.Name != InstanceStateName.Terminated)
                .Select(found => found.InstanceId)
                .Where(id => id != instance.InstanceId),
            .. (volumes.Volumes ?? []).Select(volume => volume.VolumeId)
                .Where(id => id != instance.RootVolumeId && id != instance.DataVolumeId),
            .. (keys.KeyPairs ?? []).Select(key => key.KeyName),
            .. (groups.SecurityGroups ?? []).Where(group => group.GroupName != "default").Select(group => group.GroupId),
        ];
    }
}
