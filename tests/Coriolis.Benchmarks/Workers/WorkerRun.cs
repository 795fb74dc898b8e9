using System.Diagnostics;
using System.Security.Cryptography;
using System.Text.Json;
using Coriolis.Worker.Protocol;

namespace Coriolis.Benchmarks.Workers;

/// <summary>
/// The worker read path on this machine: a full run through the agent beside nbdcopy over TLS and rsync over ssh of the same device, and the
/// agent's digest scan beside SHA-256 over memory and reading the device. Needs root, nbdkit, nbdcopy, rsync and sshd.
/// </summary>
internal static class WorkerRun
{
    private const int Starts = 10;

    public static async Task MeasureAsync(int sizeMiB, int rounds)
    {
        var folder = Directory.CreateTempSubdirectory("coriolis-benchmark-").FullName;
        try
        {
            await MeasureAsync(folder, (long)sizeMiB << 20, rounds);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task MeasureAsync(string folder, long size, int rounds)
    {
        await using var disk = await BenchmarkDisk.CreateAsync(folder, size);
        var certificates = WorkerCertificates.Create(["127.0.0.1"], TimeSpan.FromDays(1), TimeProvider.System);
        var program = new FileInfo(BenchmarkAgent.ProgramPath);
        Console.WriteLine($"agent: {program.Length / 1048576.0:F1} MiB, start to first answer {await StartToAnswerAsync(certificates, disk.Device):F0} ms (median of {Starts})");

        using var ssh = await SshServer.StartAsync(folder);
        for (var round = 1; round <= rounds; round++)
        {
            await ScanAsync(disk.Device, certificates, size, round);
            await CopyAsync(folder, disk.Device, certificates, ssh, round);
        }
    }

    private static async Task<double> StartToAnswerAsync(WorkerCertificates certificates, string device)
    {
        var times = new List<double>();
        for (var i = 0; i < Starts; i++)
        {
            var watch = Stopwatch.StartNew();
            using var agent = await BenchmarkAgent.StartAsync(certificates, device);
            await using var client = agent.CreateClient();
            await client.ListDevicesAsync();
            times.Add(watch.Elapsed.TotalMilliseconds);
        }

        return times.Order().ElementAt(Starts / 2);
    }

    private static async Task ScanAsync(string device, WorkerCertificates certificates, long size, int round)
    {
        var memory = HashMemory(size);
        var reading = (await Tool.MeasureAsync("dd", $"if={device}", "of=/dev/null", "bs=16M", "iflag=direct")).Wall;
        using var agent = await BenchmarkAgent.StartAsync(certificates, device);
        await using var client = agent.CreateClient();
        var found = (await client.ListDevicesAsync()).Single();
        var watch = Stopwatch.StartNew();
        await foreach (var run in client.ScanAsync(new WorkerScan { Device = found }))
        {
            Debug.Assert(run.Kind == WorkerChunksKind.Digests);
        }

        var scan = watch.Elapsed.TotalSeconds;
        var speed = size / 1048576.0;
        Console.WriteLine(
            $"round {round}: digest scan {speed / scan:F0} MiB/s, SHA-256 over memory on all cores {speed / memory:F0} MiB/s, device {speed / reading:F0} MiB/s: "
            + $"{Math.Max(memory, reading) / scan:F2} of the slower; agent cpu {agent.CpuSeconds:F2} s");
    }

    private static double HashMemory(long size)
    {
        var chunk = RandomNumberGenerator.GetBytes(512 * 1024);
        var watch = Stopwatch.StartNew();
        Parallel.For(0, Environment.ProcessorCount, _ =>
        {
            Span<byte> digest = stackalloc byte[32];
            for (long done = 0; done < size / Environment.ProcessorCount; done += chunk.Length)
            {
                SHA256.HashData(chunk, digest);
            }
        });
        return watch.Elapsed.TotalSeconds;
    }

    private static async Task CopyAsync(string folder, string device, WorkerCertificates certificates, SshServer ssh, int round)
    {
        var target = Path.Combine(folder, "target.raw");
        await SettleAsync();
        var (nbdWall, nbdCpu) = await CopyOverNbdAsync(folder, device, certificates, target);
        File.Delete(target);

        await SettleAsync();
        using var agent = await BenchmarkAgent.StartAsync(certificates, device);
        var ours = await RunClientAsync(folder, agent);
        Console.WriteLine(
            $"round {round}: ours {ours}, agent cpu {agent.CpuSeconds:F2} s, agent peak resident {agent.PeakResidentBytes / 1048576} MiB; "
            + $"nbdcopy {nbdWall:F2} s (cpu of the client {nbdCpu:F2} s): {nbdWall / ours.WallSeconds:F2} times its speed");

        await SettleAsync();
        var (rsyncWall, _) = await ssh.CopyAsync(device, target);
        File.Delete(target);
        Console.WriteLine($"round {round}: rsync {rsyncWall:F2} s: {rsyncWall / ours.WallSeconds:F2} times its speed");
    }

    /// <summary>What the program before left to be written, or freed on the disk, is not to burden the next one.</summary>
    private static async Task SettleAsync() => await Tool.RunAsync("sync");

    private static async Task<(double Wall, double Cpu)> CopyOverNbdAsync(
        string folder, string device, WorkerCertificates certificates, string target)
    {
        using var nbd = await NbdServer.StartAsync(folder, device, certificates);
        return await nbd.CopyAsync(target);
    }

    /// <summary>A process of its own for the controller, so that its memory and start are counted.</summary>
    private static async Task<ClientResult> RunClientAsync(string folder, BenchmarkAgent agent)
    {
        var own = Directory.CreateDirectory(Path.Combine(folder, "client")).FullName;
        var certificates = agent.Certificates;
        await File.WriteAllTextAsync(Path.Combine(own, "ca-cert.pem"), certificates.AuthorityCertificate);
        await File.WriteAllTextAsync(Path.Combine(own, "client-cert.pem"), certificates.ClientCertificate);
        await File.WriteAllTextAsync(Path.Combine(own, "client-key.pem"), certificates.ClientKey);
        var output = await Tool.RunAsync(Environment.ProcessPath!, "client", "worker", $"{agent.Port}", own);
        Directory.Delete(own, recursive: true);
        return JsonSerializer.Deserialize(output.Trim().Split('\n')[^1], ResultJson.Default.ClientResult)!;
    }
}
