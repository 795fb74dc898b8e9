using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using Coriolis.Worker.Protocol;

namespace Coriolis.Benchmarks.Workers;

/// <summary>The agent as workers get it, in a process of its own.</summary>
internal sealed class BenchmarkAgent : IDisposable
{
    private readonly Process _process;

    private BenchmarkAgent(Process process, WorkerCertificates certificates, int port)
    {
        _process = process;
        Certificates = certificates;
        Port = port;
    }

    public static string ProgramPath { get; } = Path.Combine(
        AppContext.BaseDirectory, "agent", RuntimeInformation.OSArchitecture == Architecture.Arm64 ? "linux-arm64" : "linux-x64", "coriolis-worker");

    public WorkerCertificates Certificates { get; }

    public int Port { get; }

    public double CpuSeconds => _process.TotalProcessorTime.TotalSeconds;

    public long PeakResidentBytes => long.Parse(
        File.ReadLines($"/proc/{_process.Id}/status").First(line => line.StartsWith("VmHWM:", StringComparison.Ordinal))
            .Split(' ', StringSplitOptions.RemoveEmptyEntries)[1],
        CultureInfo.InvariantCulture) * 1024;

    public static async Task<BenchmarkAgent> StartAsync(WorkerCertificates certificates, string device)
    {
        string[] arguments =
            ["run", "-credentials-stdin", "-disable-chunking", "-listen-address=127.0.0.1", "-listen-port=0", $"-devices={device}"];
        var process = Process.Start(new ProcessStartInfo(ProgramPath, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true })!;
        await process.StandardInput.WriteAsync(certificates.AgentBundle);
        await process.StandardInput.FlushAsync();
        var greeting = await process.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException("The agent does not start.");
        return new BenchmarkAgent(process, certificates, int.Parse(greeting.Split(' ')[^1], CultureInfo.InvariantCulture));
    }

    public WorkerClient CreateClient() => new(token => WorkerSource.ConnectAsync(Port, Certificates, token));

    public void Dispose()
    {
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
    }
}
