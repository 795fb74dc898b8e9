using System.Security.Cryptography;
using System.Text;
using Amazon.EC2.Model;
using Coriolis.Aws.Emulator.Tests.Hosting;
using Renci.SshNet;
using Renci.SshNet.Common;

namespace Coriolis.Aws.Emulator.Tests.Workers;

/// <summary>An emulator whose instances are real machines, and a key pair to log in with. Skips where the host cannot have machines.</summary>
internal sealed class WorkerFixture : IAsyncDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    private readonly string _privateKey;

    private WorkerFixture(TestEmulator emulator, string privateKey)
    {
        Aws = emulator;
        _privateKey = privateKey;
    }

    public TestEmulator Aws { get; }

    public static async Task<WorkerFixture> StartAsync()
    {
        if (await AwsEmulator.FindWorkerObstacleAsync() is { } obstacle) Assert.Ignore(obstacle);
        var emulator = await TestEmulator.StartAsync(static options => options.RealWorkers = true);
        var pair = await emulator.Ec2.CreateKeyPairAsync(new CreateKeyPairRequest("worker"));
        return new WorkerFixture(emulator, pair.KeyPair.KeyMaterial);
    }

    public async Task<Instance> LaunchAsync(string type = "t3.medium", string? userData = null, Action<RunInstancesRequest>? configure = null)
    {
        var launched = await Aws.LaunchAsync(configure: request =>
        {
            request.InstanceType = type;
            request.KeyName = "worker";
            request.UserData = userData is null ? null : Convert.ToBase64String(Encoding.UTF8.GetBytes(userData));
            configure?.Invoke(request);
        });
        return await Aws.DescribeAsync(launched.InstanceId);
    }

    /// <summary>Runs a command over SSH, as the user of Ubuntu's images, as soon as the machine lets one in.</summary>
    public async Task<string> RunAsync(Instance instance, string command, string user = "ubuntu", Action<HostKeyEventArgs>? onHostKey = null)
    {
        using var key = new PrivateKeyFile(new MemoryStream(Encoding.ASCII.GetBytes(_privateKey)));
        using var client = new SshClient(instance.PublicIpAddress, user, key);
        client.HostKeyReceived += (_, e) => onHostKey?.Invoke(e);
        await ConnectAsync(client);
        using var run = client.RunCommand(command);
        Assert.That(run.ExitStatus, Is.Zero, $"{command}: {run.Error}");
        return run.Result.Trim();
    }

    public static string Digest(byte[] data) => Convert.ToHexStringLower(SHA256.HashData(data));

    public ValueTask DisposeAsync() => Aws.DisposeAsync();

    private static async Task ConnectAsync(SshClient client)
    {
        using var deadline = new CancellationTokenSource(s_patience);
        while (true)
        {
            try
            {
                await client.ConnectAsync(deadline.Token);
                return;
            }
            catch (Exception error) when (error is System.Net.Sockets.SocketException or SshConnectionException)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(50), deadline.Token);
            }
        }
    }
}
