using Amazon.EC2;
using Amazon.EC2.Model;
using Amazon.KeyManagementService;
using Amazon.Runtime;
using Coriolis.Aws.Emulator;

namespace Coriolis.Cli.Tests;

/// <summary>An emulated account for one test, and the command lines that reach it.</summary>
internal sealed class EmulatedAccount : IAsyncDisposable
{
    public const string Region = "eu-west-1";
    public const long GiB = 1L << 30;
    public const int Chunk = 512 * 1024;

    /// <summary>How often the tool looks at what it waits for, in seconds: the emulator is quicker than AWS.</summary>
    public const string PollInterval = "0.2";

    private const string ImageId = "ami-0123456789abcdef0";

    private readonly AwsEmulator _emulator;

    private EmulatedAccount(TemporaryFolder folder, AwsEmulator emulator)
    {
        Folder = folder;
        _emulator = emulator;
        Ec2 = CreateClient(Region);
    }

    public TemporaryFolder Folder { get; }

    public AmazonEC2Client Ec2 { get; }

    public FaultPlan Faults => _emulator.Faults;

    public CallLog Calls => _emulator.Calls;

    public string Endpoint => _emulator.Endpoint.AbsoluteUri;

    /// <summary>The folder that replicas are written to; it exists.</summary>
    public string To => Folder["replicas"];

    public string State => Folder["state"];

    public static async Task<EmulatedAccount> StartAsync(
        EmulatorDelays? delays = null,
        bool realWorkers = false,
        bool defaultVpc = true,
        EbsQuotas? blockApiQuotas = null,
        EmulatorQuotas? quotas = null,
        TimeProvider? timeProvider = null)
    {
        var folder = new TemporaryFolder();
        folder.Create("replicas");
        var image = folder["image.raw"];
        using (var file = File.Create(image))
        {
            file.SetLength(GiB);
            file.Write(Pattern(1, 2 * Chunk));
        }

        var options = new AwsEmulatorOptions
        {
            DataDirectory = folder["emulator"],
            Delays = delays ?? EmulatorDelays.None,
            Quotas = (quotas ?? new EmulatorQuotas()) with { SnapshotInterval = TimeSpan.Zero },
            BlockApiQuotas = blockApiQuotas ?? new EbsQuotas(),
            RealWorkers = realWorkers,
            DefaultVpc = defaultVpc,
            TimeProvider = timeProvider ?? TimeProvider.System,
            Images = { [ImageId] = image },
            Credentials = { AwsEnvironment.Credential },
        };
        return new EmulatedAccount(folder, await AwsEmulator.StartAsync(options));
    }

    /// <summary>Bytes that are not zero, the same for the same seed.</summary>
    public static byte[] Pattern(int seed, int length)
    {
        var bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    public async ValueTask DisposeAsync()
    {
        Ec2.Dispose();
        await _emulator.DisposeAsync();
        Folder.Dispose();
    }

    public AmazonEC2Client CreateClient(string region) => new(
        new BasicAWSCredentials(AwsEnvironment.Credential.AccessKeyId, AwsEnvironment.Credential.SecretAccessKey),
        new AmazonEC2Config { ServiceURL = Endpoint, AuthenticationRegion = region });

    /// <summary>Puts an instance into the account that could not be launched like this.</summary>
    public Task<SeededInstance> SeedAsync(InstanceSeed seed) => _emulator.Admin.CreateInstanceAsync(Region, seed);

    /// <summary>Makes a user that may do what a policy says.</summary>
    public Task<EmulatorCredential> CreateCredentialAsync(string policy) => _emulator.Admin.CreateCredentialAsync([policy]);

    public AmazonKeyManagementServiceClient CreateKmsClient() => new(
        new BasicAWSCredentials(AwsEnvironment.Credential.AccessKeyId, AwsEnvironment.Credential.SecretAccessKey),
        new AmazonKeyManagementServiceConfig { ServiceURL = Endpoint, AuthenticationRegion = Region });

    /// <summary>Makes a volume larger, as its owner may between two runs.</summary>
    public Task GrowAsync(string volumeId, int sizeGiB) => _emulator.Admin.GrowVolumeAsync(Region, volumeId, sizeGiB);

    /// <summary>Launches an instance with a root disk and data disks of 1 GiB each.</summary>
    public async Task<TestInstance> LaunchAsync(string name, int dataDisks = 1)
    {
        var launched = await Ec2.RunInstancesAsync(new RunInstancesRequest
        {
            ImageId = ImageId,
            InstanceType = InstanceType.T3Small,
            MinCount = 1,
            MaxCount = 1,
            BlockDeviceMappings =
            [
                .. Enumerable.Range(0, dataDisks).Select(index => new BlockDeviceMapping
                {
                    DeviceName = $"/dev/sd{(char)('f' + index)}",
                    Ebs = new EbsBlockDevice { VolumeSize = 1, VolumeType = VolumeType.Gp3 },
                }),
            ],
            TagSpecifications = [new TagSpecification { ResourceType = ResourceType.Instance, Tags = [new Tag("Name", name)] }],
        });
        var id = launched.Reservation.Instances.Single().InstanceId;
        var described = await Ec2.DescribeInstancesAsync(new DescribeInstancesRequest { InstanceIds = [id] });
        var instance = described.Reservations.Single().Instances.Single();
        var root = instance.BlockDeviceMappings.Single(mapping => mapping.DeviceName == instance.RootDeviceName);
        var data = instance.BlockDeviceMappings.Where(mapping => mapping.DeviceName != instance.RootDeviceName);
        return new TestInstance(id, root.Ebs.VolumeId, [.. data.Select(mapping => mapping.Ebs.VolumeId).Order()]);
    }

    public string VolumePath(string volumeId) => _emulator.Admin.GetVolumePath(Region, volumeId);

    public string ReplicaPath(string volumeId) => Path.Combine(To, $"{volumeId}.raw");

    /// <summary>Writes to a volume as a guest would.</summary>
    public void Write(string volumeId, long offset, byte[] bytes)
    {
        using var handle = File.OpenHandle(VolumePath(volumeId), FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
        RandomAccess.Write(handle, bytes, offset);
    }

    public Task<CliRun> RunAsync(params string[] args) => CliRun.OfAsync([.. args, .. Connection]);

    public Task<CliRun> ReplicateAsync(string instance, params string[] args) => RunAsync(
    [
        "replicate", instance, "--to", To, "--state", State, "--json",
        .. args.Contains("--source-environment") ? [] : (string[])["--source-environment", $$"""{"poll_interval":"{{PollInterval}}"}"""],
        .. args,
    ]);

    /// <summary>The options that reach this account; credentials come from the environment.</summary>
    public string[] Connection => ["--region", Region, "--endpoint-url", Endpoint];

    public async Task<IReadOnlyList<Snapshot>> ListSnapshotsAsync()
    {
        var response = await Ec2.DescribeSnapshotsAsync(new DescribeSnapshotsRequest { OwnerIds = ["self"] });
        return response.Snapshots ?? [];
    }

    public async Task<string> GetStateAsync(string instanceId)
    {
        var described = await Ec2.DescribeInstancesAsync(new DescribeInstancesRequest { InstanceIds = [instanceId] });
        return described.Reservations.Single().Instances.Single().State.Name.Value;
    }

    /// <summary>Asserts the error object, that its message has all parts, that people read it too, and that no snapshot is left.</summary>
    public async Task AssertErrorAsync(CliRun run, int exitCode, params string[] parts)
    {
        Assert.That(run.ExitCode, Is.EqualTo(exitCode), run.Output + run.Error);
        var error = run.Json.GetProperty("error");
        var text = $"{error.GetProperty("message").GetString()} {error.GetProperty("remedy").GetString()}";
        var snapshots = await ListSnapshotsAsync();
        Assert.Multiple(() =>
        {
            Assert.That(error.GetProperty("code").GetString(), Is.Not.Empty.And.Not.EqualTo("Unexpected"));
            foreach (var part in parts)
            {
                Assert.That(text, Does.Contain(part).IgnoreCase);
            }

            Assert.That(run.Error, Does.Contain("error: ").And.Not.Contain("   at "));
            Assert.That(snapshots, Is.Empty);
        });
    }

    /// <summary>Asserts that the account has the instance, snapshots of all of its volumes or none, and nothing else.</summary>
    public Task AssertNothingLeftAsync(TestInstance instance, bool baselines, string? when = null) =>
        AssertNothingLeftAsync(instance, baselines ? [.. instance.VolumeIds] : [], when);

    /// <summary>Asserts that the account has the instance, snapshots of the given volumes of it, and nothing else.</summary>
    public async Task AssertNothingLeftAsync(TestInstance instance, IReadOnlyList<string> baselines, string? when = null)
    {
        var snapshots = await ListSnapshotsAsync();
        var volumes = await Ec2.DescribeVolumesAsync(new DescribeVolumesRequest());
        var instances = await Ec2.DescribeInstancesAsync(new DescribeInstancesRequest
        {
            Filters = [new Filter("instance-state-name", ["pending", "running", "stopping", "stopped", "shutting-down"])],
        });
        var groups = await Ec2.DescribeSecurityGroupsAsync(new DescribeSecurityGroupsRequest());
        var keys = await Ec2.DescribeKeyPairsAsync(new DescribeKeyPairsRequest());
        Assert.Multiple(() =>
        {
            Assert.That(snapshots.Select(snapshot => snapshot.VolumeId), Is.EquivalentTo(baselines), when);
            Assert.That(volumes.Volumes.Select(volume => volume.VolumeId), Is.EquivalentTo(instance.VolumeIds), when);
            Assert.That(instances.Reservations.SelectMany(item => item.Instances).Select(item => item.InstanceId), Is.EqualTo(new[] { instance.Id }), when);
            Assert.That(groups.SecurityGroups.Select(group => group.GroupName), Is.EqualTo(new[] { "default" }), when);
            Assert.That(keys.KeyPairs ?? [], Is.Empty, when);
        });
    }

    public async Task AssertReplicaEqualsSourceAsync(TestInstance instance)
    {
        foreach (var volumeId in instance.VolumeIds)
        {
            var differs = await FileComparison.FindDifferenceAsync(VolumePath(volumeId), ReplicaPath(volumeId));
            Assert.That(differs, Is.Null, $"{volumeId} differs in the MiB at this offset");
        }
    }
}
