using Amazon.EC2;
using Amazon.EC2.Model;
using Amazon.KeyManagementService;
using Amazon.KeyManagementService.Model;
using Amazon.Runtime;
using Coriolis.Aws.Emulator;

namespace Coriolis.Reliability.Tests.Schedules;

/// <summary>An emulated account with one instance, whose guest writes to its disks.</summary>
internal sealed class ScheduleAccount : IAsyncDisposable
{
    public const string Region = "eu-west-1";
    private const long GiB = 1L << 30;

    // All chunks of a disk that ever hold data are among its first and last: a run reads little, and both ends of the disk.
    private const long Written = 24L << 20;

    private readonly AwsEmulator _emulator;
    private readonly SeededInstance _instance;
    private readonly AmazonEC2Client _ec2;

    private ScheduleAccount(AwsEmulator emulator, SeededInstance instance)
    {
        _emulator = emulator;
        _instance = instance;
        _ec2 = new AmazonEC2Client(
            new BasicAWSCredentials(emulator.AccessKeyId, emulator.SecretAccessKey),
            new AmazonEC2Config { ServiceURL = emulator.Endpoint.AbsoluteUri, AuthenticationRegion = Region, MaxErrorRetry = 0 });
    }

    public AwsEmulator Emulator => _emulator;

    public string InstanceId => _instance.InstanceId;

    public IReadOnlyList<string> VolumeIds => _instance.VolumeIds;

    public static async Task<ScheduleAccount> StartAsync(string folder, FaultSchedule schedule, TimeProvider timeProvider)
    {
        var options = new AwsEmulatorOptions
        {
            DataDirectory = folder,
            TimeProvider = timeProvider,
            Delays = schedule.RealisticDelays ? EmulatorDelays.Realistic : EmulatorDelays.None,
            RealWorkers = schedule.ReadPath == ReadPath.Worker,
            Quotas = schedule.ReadPath == ReadPath.Worker ? new EmulatorQuotas { SnapshotInterval = TimeSpan.Zero } : new EmulatorQuotas(),
        };
        options.Regions.Clear();
        options.Regions.Add(Region);
        var emulator = await AwsEmulator.StartAsync(options);
        var key = schedule.IsEncrypted ? await CreateKeyAsync(emulator) : null;
        var seed = new InstanceSeed
        {
            Name = "web",
            BootMode = "legacy-bios",
            Volumes = [.. Enumerable.Range(0, schedule.Disks).Select(_ => new VolumeSeed { SizeGiB = 1, Encrypted = key is not null, KmsKeyId = key })],
        };
        return new ScheduleAccount(emulator, await emulator.Admin.CreateInstanceAsync(Region, seed));
    }

    public string VolumePath(string volumeId) => _emulator.Admin.GetVolumePath(Region, volumeId);

    /// <summary>Writes and zeroes a few pieces of each disk.</summary>
    public void Write(int seed)
    {
        var random = new Random(seed);
        foreach (var volumeId in VolumeIds)
        {
            using var file = File.OpenHandle(VolumePath(volumeId), FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
            var size = RandomAccess.GetLength(file);
            for (var writes = random.Next(6); writes > 0; writes--)
            {
                var bytes = new byte[random.Next(1, 160) * 4096];
                if (random.Next(4) > 0)
                {
                    random.NextBytes(bytes);
                }

                var offset = random.NextInt64((Written - bytes.Length) / 4096) * 4096;
                RandomAccess.Write(file, bytes, random.Next(6) == 0 ? size - Written + offset : offset);
            }
        }
    }

    public async Task GrowAsync(int seed)
    {
        var volumeId = VolumeIds[seed % VolumeIds.Count];
        var size = (int)(new FileInfo(VolumePath(volumeId)).Length / GiB);
        await _emulator.Admin.GrowVolumeAsync(Region, volumeId, size + 1);
    }

    public async Task<IReadOnlyList<Snapshot>> ListSnapshotsAsync() =>
        (await _ec2.DescribeSnapshotsAsync(new DescribeSnapshotsRequest { OwnerIds = ["self"] })).Snapshots ?? [];

    /// <summary>Whatever belongs to workers: machines that have not ended, volumes other than the instance's, security groups, key pairs.</summary>
    public async Task<IReadOnlyList<string>> ListWorkerResourcesAsync()
    {
        var instances = await _ec2.DescribeInstancesAsync(new DescribeInstancesRequest
        {
            Filters = [new Filter("instance-state-name", ["pending", "running", "stopping", "stopped", "shutting-down"])],
        });
        var volumes = await _ec2.DescribeVolumesAsync(new DescribeVolumesRequest());
        var groups = await _ec2.DescribeSecurityGroupsAsync(new DescribeSecurityGroupsRequest());
        var keys = await _ec2.DescribeKeyPairsAsync(new DescribeKeyPairsRequest());
        return
        [
            .. instances.Reservations.SelectMany(static item => item.Instances).Select(static item => item.InstanceId).Where(id => id != InstanceId),
            .. volumes.Volumes.Select(static volume => volume.VolumeId).Except(VolumeIds),
            .. groups.SecurityGroups.Where(static group => group.GroupName != "default").Select(static group => group.GroupId),
            .. (keys.KeyPairs ?? []).Select(static key => key.KeyPairId),
        ];
    }

    public Task DeleteSnapshotAsync(string id) => _ec2.DeleteSnapshotAsync(new DeleteSnapshotRequest(id));

    public async Task<string> GetStateAsync()
    {
        var described = await _ec2.DescribeInstancesAsync(new DescribeInstancesRequest { InstanceIds = [InstanceId] });
        return described.Reservations.Single().Instances.Single().State.Name.Value;
    }

    // A key of the account's own: the one that AWS manages may be used by whoever may use EBS.
    private static async Task<string> CreateKeyAsync(AwsEmulator emulator)
    {
        using var kms = new AmazonKeyManagementServiceClient(
            new BasicAWSCredentials(emulator.AccessKeyId, emulator.SecretAccessKey),
            new AmazonKeyManagementServiceConfig { ServiceURL = emulator.Endpoint.AbsoluteUri, AuthenticationRegion = Region, MaxErrorRetry = 0 });
        return (await kms.CreateKeyAsync(new CreateKeyRequest())).KeyMetadata.KeyId;
    }

    public async ValueTask DisposeAsync()
    {
        _ec2.Dispose();
        await _emulator.DisposeAsync();
    }
}
