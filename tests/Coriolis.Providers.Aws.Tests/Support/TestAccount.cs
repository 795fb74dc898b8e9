using Amazon.EC2;
using Amazon.EC2.Model;
using Amazon.KeyManagementService;
using Amazon.Runtime;
using Coriolis.Aws.Emulator;
using Microsoft.Extensions.DependencyInjection;

namespace Coriolis.Providers.Aws.Tests.Support;

/// <summary>An emulated account with the provider connected to it through the real AWS SDK, both on one clock that jumps.</summary>
internal sealed class TestAccount : IAsyncDisposable
{
    public const string Region = "eu-west-1";

    private readonly string _directory;
    private readonly ServiceProvider _services;

    private TestAccount(string directory, AwsEmulator emulator, JumpingClock clock, Action<CoriolisAwsBuilder>? configure)
    {
        _directory = directory;
        Emulator = emulator;
        Clock = clock;
        Connection = new AwsConnectionInfo
        {
            Region = Region,
            AccessKeyId = emulator.AccessKeyId,
            SecretAccessKey = emulator.SecretAccessKey,
            EndpointUrl = emulator.Endpoint,
        };
        _services = Connect(Connection, configure);
        var credentials = new BasicAWSCredentials(emulator.AccessKeyId, emulator.SecretAccessKey);
        var url = emulator.Endpoint.AbsoluteUri;
        Ec2 = new AmazonEC2Client(credentials, new AmazonEC2Config { ServiceURL = url, AuthenticationRegion = Region, MaxErrorRetry = 0 });
        Kms = new AmazonKeyManagementServiceClient(
            credentials, new AmazonKeyManagementServiceConfig { ServiceURL = url, AuthenticationRegion = Region, MaxErrorRetry = 0 });
    }

    public AwsEmulator Emulator { get; }

    public JumpingClock Clock { get; }

    public AwsConnectionInfo Connection { get; }

    public AmazonEC2Client Ec2 { get; }

    public AmazonKeyManagementServiceClient Kms { get; }

    public IReplicaSourceProvider Provider => _services.GetRequiredService<IReplicaSourceProvider>();

    public AwsDoctor Doctor => _services.GetRequiredService<AwsDoctor>();

    public static async Task<TestAccount> StartAsync(Action<CoriolisAwsBuilder>? configure = null, Action<AwsEmulatorOptions>? emulator = null)
    {
        var directory = Directory.CreateTempSubdirectory("coriolis-lifecycle-").FullName;
        var clock = new JumpingClock();
        var options = new AwsEmulatorOptions { DataDirectory = directory, TimeProvider = clock };
        emulator?.Invoke(options);
        return new TestAccount(directory, await AwsEmulator.StartAsync(options), clock, configure);
    }

    public async Task<string> LaunchAsync(string name, int dataDisks = 1, Action<RunInstancesRequest>? adjust = null)
    {
        var images = await Ec2.DescribeImagesAsync(new DescribeImagesRequest { Filters = [new Filter("architecture", ["x86_64"])] });
        var image = images.Images.First(i => i.RootDeviceName == "/dev/xvda");
        var request = new RunInstancesRequest
        {
            ImageId = image.ImageId,
            InstanceType = InstanceType.T3Medium,
            MinCount = 1,
            MaxCount = 1,
            BlockDeviceMappings =
            [
                new() { DeviceName = "/dev/xvda", Ebs = new() { VolumeSize = 8, VolumeType = VolumeType.Gp3 } },
                .. Enumerable.Range(0, dataDisks).Select(i => new BlockDeviceMapping
                {
                    DeviceName = $"/dev/sd{(char)('f' + i)}",
                    Ebs = new() { VolumeSize = i + 1, VolumeType = VolumeType.Gp3 },
                }),
            ],
            TagSpecifications = [new() { ResourceType = ResourceType.Instance, Tags = [new Tag("Name", name)] }],
        };
        adjust?.Invoke(request);
        var response = await Ec2.RunInstancesAsync(request);
        return response.Reservation.Instances[0].InstanceId;
    }

    /// <summary>The provider for a caller who may do no more than a policy allows.</summary>
    public async Task<ServiceProvider> ConnectAsync(AwsIamPolicy policy)
    {
        var credential = await Emulator.Admin.CreateCredentialAsync([policy.ToJson()]);
        return Connect(Connection with { AccessKeyId = credential.AccessKeyId, SecretAccessKey = credential.SecretAccessKey }, null);
    }

    public async Task<IReadOnlyList<Snapshot>> SnapshotsAsync() =>
        (await Ec2.DescribeSnapshotsAsync(new DescribeSnapshotsRequest { OwnerIds = ["self"] })).Snapshots ?? [];

    public async Task<string> StateOfAsync(string instanceId) =>
        (await Ec2.DescribeInstancesAsync(new DescribeInstancesRequest { InstanceIds = [instanceId] })).Reservations[0].Instances[0].State.Name.Value;

    public void Fail(string operation, FaultKind kind, int? count = 1, int skip = 0, string? code = null) =>
        Emulator.Faults.Add(new FaultRule { Operation = operation, Kind = kind, Count = count, Skip = skip, Code = code });

    public long CallsOf(string operation) => Emulator.Calls.GetCounts().GetValueOrDefault(operation);

    public async ValueTask DisposeAsync()
    {
        Ec2.Dispose();
        Kms.Dispose();
        await _services.DisposeAsync();
        await Emulator.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }

    private ServiceProvider Connect(AwsConnectionInfo connection, Action<CoriolisAwsBuilder>? configure) => new ServiceCollection()
        .AddSingleton<TimeProvider>(Clock)
        .AddCoriolisAws(builder =>
        {
            builder.UseConnection(connection);
            configure?.Invoke(builder);
        })
        .BuildServiceProvider();
}
