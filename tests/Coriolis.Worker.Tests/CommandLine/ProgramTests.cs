using System.Diagnostics;
using System.Runtime.InteropServices;
using Coriolis.Worker.Protocol;

namespace Coriolis.Worker.Tests;

/// <summary>The command line of the program that workers get.</summary>
public sealed class ProgramTests
{
    [Test]
    public void Program_OnDisk_IsOneSmallFile()
    {
        var files = Directory.GetFiles(Path.GetDirectoryName(AgentProcess.ProgramPath)!);

        Assert.That(files, Is.EqualTo(new[] { AgentProcess.ProgramPath }));
        Assert.That(new FileInfo(AgentProcess.ProgramPath).Length, Is.LessThanOrEqualTo(12 * 1024 * 1024));
    }

    [Test]
    public async Task Version_IsThatOfTheProduct()
    {
        var (exitCode, output, _) = await AgentProcess.RunAsync("", "version");

        Assert.That((exitCode, output.Trim()), Is.EqualTo((0, Agent.Version)));
    }

    [TestCase]
    [TestCase("help")]
    [TestCase("run", "-no-such-flag=1")]
    [TestCase("run", "stray")]
    [TestCase("run", "-")]
    [TestCase("run", "-hash-method=md5")]
    [TestCase("run", "-listen-port=70000")]
    [TestCase("run", "-chunk-size=1000")]
    [TestCase("run", "-chunk-size=0")]
    [TestCase("run", "-watch-devices=perhaps")]
    [TestCase("run", "-listen-port")]
    [TestCase("gen-certs", "-output=x")]
    public async Task Run_CommandLineThatMakesNoSense_ShowsUsageAndFails(params string[] arguments)
    {
        var (exitCode, output, error) = await AgentProcess.RunAsync("", arguments);

        Assert.That(exitCode, Is.EqualTo(2));
        Assert.That(output, Is.Empty);
        Assert.That(error, Does.Contain("coriolis-worker run"));
    }

    [TestCase("")]
    [TestCase("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")]
    [TestCase("-----END A-----\n-----END B-----\n-----END C-----\n")]
    public async Task Run_InputWithoutCredentials_Fails(string input)
    {
        var (exitCode, _, error) = await AgentProcess.RunAsync(input, "run", "-credentials-stdin", "-listen-port=0");

        Assert.That(exitCode, Is.EqualTo(1));
        Assert.That(error, Is.Not.Empty.And.Not.Contain("Unhandled"));
    }

    [Test]
    public async Task Run_CertificateFilesThatAreNotThere_Fails()
    {
        var (exitCode, _, error) = await AgentProcess.RunAsync("", "run", "-cert=/nowhere/srv-cert.pem", "-listen-port=0");

        Assert.That(exitCode, Is.EqualTo(1));
        Assert.That(error, Does.Contain("/nowhere/srv-cert.pem"));
    }

    [TestCase(PosixSignal.SIGTERM)]
    [TestCase(PosixSignal.SIGINT)]
    public async Task Run_Signalled_EndsInOrder(PosixSignal signal)
    {
        using var image = new ImageFile("1");
        await using var agent = await AgentProcess.StartAsync([image.Path]);
        await using var client = agent.CreateClient();
        await client.ListDevicesAsync();

        agent.Signal(signal);

        Assert.That((await agent.WaitAsync()).ExitCode, Is.Zero);
    }

    [Test]
    public async Task Run_SignalledWhileItWaitsForCredentials_Ends()
    {
        using var process = AgentProcess.Launch(["run", "-credentials-stdin", "-listen-port=0"]);
        await process.StandardInput.WriteAsync("-----BEGIN CERTIFICATE-----\n");
        await process.StandardInput.FlushAsync();
        await WaitUntilHandledAsync(process, PosixSignal.SIGTERM);

        AgentProcess.Signal(process, PosixSignal.SIGTERM);

        await process.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(60));
        Assert.That(process.ExitCode, Is.Zero);
    }

    [Test]
    public async Task Run_ControllerThatIsGone_EndsWithTheLease()
    {
        using var image = new ImageFile("1");
        await using var agent = await AgentProcess.StartAsync([image.Path], "-lease-seconds=1");
        await using (var client = agent.CreateClient())
        {
            await client.ListDevicesAsync();
        }

        var (exitCode, error) = await agent.WaitAsync();

        Assert.That(exitCode, Is.Zero);
        Assert.That(error, Does.Contain("No controller for 00:00:01: ending."));
    }

    [Test]
    public async Task Run_ControllerThatIsIdle_IsKeptAliveByHeartbeats()
    {
        using var image = new ImageFile("1");
        await using var agent = await AgentProcess.StartAsync([image.Path], "-lease-seconds=3");
        await using var client = agent.CreateClient(new WorkerClientOptions { Connections = 1 });
        await client.ListDevicesAsync();
        var health = await client.GetHealthAsync();

        await Task.Delay(TimeSpan.FromSeconds(5));

        Assert.That((await client.GetHealthAsync()).Uptime, Is.GreaterThan(health.Uptime));
    }

    [Test]
    public async Task Run_WhileItStreams_StaysWithinItsMemory()
    {
        using var image = new ImageFile(new string('1', 1600));
        await using var agent = await AgentProcess.StartAsync([image.Path]);
        await using var client = agent.CreateClient();
        var device = (await client.ListDevicesAsync()).Single();

        await Task.WhenAll(Enumerable.Range(0, 4).Select(async compress =>
        {
            var scan = new WorkerScan { Device = device, IncludeData = true, ChunkSize = 1024 * 1024, AllowCompression = compress == 0 };
            await foreach (var run in client.ScanAsync(scan))
            {
                Assert.That(run.Kind, Is.EqualTo(WorkerChunksKind.Data));
            }
        }));

        Assert.That(agent.PeakResidentBytes, Is.LessThanOrEqualTo(64 * 1024 * 1024));
    }

    /// <summary>Waits until the process has its own handler for a signal, as the kernel shows it.</summary>
    private static async Task WaitUntilHandledAsync(Process process, PosixSignal signal)
    {
        var bit = 1UL << ((signal == PosixSignal.SIGTERM ? 15 : 2) - 1);
        while (true)
        {
            var caught = (await File.ReadAllLinesAsync($"/proc/{process.Id}/status")).First(line => line.StartsWith("SigCgt:", StringComparison.Ordinal));
            if ((Convert.ToUInt64(caught.Split('\t')[1], 16) & bit) != 0)
            {
                return;
            }

            await Task.Delay(10);
        }
    }
}
