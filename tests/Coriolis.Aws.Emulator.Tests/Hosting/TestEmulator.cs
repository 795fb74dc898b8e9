using Amazon.EC2;
using Amazon.Runtime;
using Microsoft.Extensions.Time.Testing;

namespace Coriolis.Aws.Emulator.Tests.Hosting;

/// <summary>An emulator on a clock of its own in a directory of its own, and SDK clients for it.</summary>
internal sealed class TestEmulator : IAsyncDisposable
{
    public const string Region = "eu-west-1";

    private readonly List<IDisposable> _clients = [];
    private readonly Action<AwsEmulatorOptions>? _configure;
    private AmazonEC2Client? _ec2;

    private TestEmulator(string directory, FakeTimeProvider time, Action<AwsEmulatorOptions>? configure)
    {
        Directory = directory;
        Time = time;
        _configure = configure;
    }

    public string Directory { get; }

    public FakeTimeProvider Time { get; }

    public AwsEmulator Emulator { get; private set; } = null!;

    public AmazonEC2Client Ec2 => _ec2 ??= CreateEc2(Region);

    public static async Task<TestEmulator> StartAsync(Action<AwsEmulatorOptions>? configure = null)
    {
        var directory = Path.Combine(Path.GetTempPath(), $"emulator-{Guid.NewGuid():N}");
        var emulator = new TestEmulator(directory, new FakeTimeProvider(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero)), configure);
        await emulator.StartEmulatorAsync();
        return emulator;
    }

    /// <summary>Stops the emulator and starts another on the same data.</summary>
    public async Task RestartAsync()
    {
        await Emulator.DisposeAsync();
        _ec2 = null;
        await StartEmulatorAsync();
    }

    /// <summary>Stops the emulator, so that its directory can be looked at or changed; <see cref="RestartAsync"/> goes on with it.</summary>
    public ValueTask StopAsync() => Emulator.DisposeAsync();

    public AmazonEC2Client CreateEc2(string region, AWSCredentials? credentials = null)
    {
        var client = new AmazonEC2Client(
            credentials ?? new BasicAWSCredentials(Emulator.AccessKeyId, Emulator.SecretAccessKey),
            new AmazonEC2Config
            {
                ServiceURL = Emulator.Endpoint.ToString(),
                AuthenticationRegion = region,
                MaxErrorRetry = 0,
            });
        _clients.Add(client);
        return client;
    }

    /// <summary>Calls, expects an EC2 error, and returns its code.</summary>
    public static async Task<string> ErrorCodeAsync(Func<Task> call) => (await ErrorAsync(call)).ErrorCode;

    public static async Task<AmazonEC2Exception> ErrorAsync(Func<Task> call)
    {
        try
        {
            await call();
        }
        catch (AmazonEC2Exception error)
        {
            return error;
        }

        throw new AssertionException("The call succeeded; an error was expected.");
    }

    public async ValueTask DisposeAsync()
    {
        _clients.ForEach(static client => client.Dispose());
        await Emulator.DisposeAsync();
        System.IO.Directory.Delete(Directory, recursive: true);
    }

    private async Task StartEmulatorAsync()
    {
        var options = new AwsEmulatorOptions { DataDirectory = Directory, TimeProvider = Time };
        options.Regions.Clear();
        options.Regions.Add(Region);
        options.Regions.Add("us-east-1");
        _configure?.Invoke(options);
        Emulator = await AwsEmulator.StartAsync(options);
    }
}
