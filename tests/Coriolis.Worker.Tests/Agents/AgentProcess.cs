using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Coriolis.Worker.Protocol;

namespace Coriolis.Worker.Tests;

/// <summary>The agent as it is shipped: the program that workers get, in a process of its own, on a loopback port.</summary>
internal sealed class AgentProcess : IAsyncDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly Task<string> _errors;

    private AgentProcess(Process process, WorkerCertificates certificates, int port)
    {
        _process = process;
        _errors = process.StandardError.ReadToEndAsync();
        Endpoint = new AgentEndpoint(certificates, port);
    }

    public static string ProgramPath { get; } = Path.Combine(
        AppContext.BaseDirectory,
        "agent",
        RuntimeInformation.OSArchitecture == Architecture.Arm64 ? "linux-arm64" : "linux-x64",
        "coriolis-worker");

    public AgentEndpoint Endpoint { get; }

    public int Id => _process.Id;

    /// <summary>The most memory that the process ever held, in bytes.</summary>
    public long PeakResidentBytes => long.Parse(
        File.ReadLines($"/proc/{Id}/status").First(line => line.StartsWith("VmHWM:", StringComparison.Ordinal))
            .Split(' ', StringSplitOptions.RemoveEmptyEntries)[1],
        CultureInfo.InvariantCulture) * 1024;

    public static Task<AgentProcess> StartAsync(IReadOnlyList<string> devices, params IReadOnlyList<string> flags) =>
        StartAsync(AgentEndpoint.CreateCertificates(), 0, [$"-devices={string.Join(',', devices)}", .. flags]);

    public static Task<AgentProcess> StartAsync(WorkerCertificates certificates, int port, params IReadOnlyList<string> flags) =>
        StartWithCredentialsAsync(certificates, Launch(RunArguments(port, flags)));

    /// <summary>Starts the agent through a command that prepares its surroundings and then becomes the agent.</summary>
    public static Task<AgentProcess> StartWithinAsync(IReadOnlyList<string> command, IReadOnlyList<string> flags) => StartWithCredentialsAsync(
        AgentEndpoint.CreateCertificates(), Launch(command[0], [.. command.Skip(1), ProgramPath, .. RunArguments(0, flags)]));

    /// <summary>Starts another build of the agent than the one that is shipped.</summary>
    public static Task<AgentProcess> StartBuildAsync(string program, IReadOnlyList<string> flags) =>
        StartWithCredentialsAsync(AgentEndpoint.CreateCertificates(), Launch(program, RunArguments(0, flags)));

    private static IReadOnlyList<string> RunArguments(int port, IReadOnlyList<string> flags) =>
        ["run", "-credentials-stdin", "-listen-address=127.0.0.1", $"-listen-port={port}", .. flags];

    private static async Task<AgentProcess> StartWithCredentialsAsync(WorkerCertificates certificates, Process process)
    {
        await process.StandardInput.WriteAsync(certificates.AgentBundle);
        await process.StandardInput.FlushAsync();
        return await AttachAsync(process, certificates);
    }

    /// <summary>Starts the agent with files for certificates, as the existing client does.</summary>
    public static async Task<AgentProcess> StartWithFilesAsync(WorkerCertificates client, params IReadOnlyList<string> flags) =>
        await AttachAsync(Launch(["run", .. flags]), client);

    /// <summary>Runs the agent to its end.</summary>
    public static async Task<(int ExitCode, string Output, string Error)> RunAsync(string input, params IReadOnlyList<string> arguments)
    {
        using var process = Launch(arguments);
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        var error = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync().WaitAsync(s_patience);
        await process.WaitForExitAsync().WaitAsync(s_patience);
        return (process.ExitCode, output, await error);
    }

    public static Process Launch(IReadOnlyList<string> arguments) => Launch(ProgramPath, arguments);

    private static Process Launch(string program, IReadOnlyList<string> arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardInputEncoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false),
        };
        return Process.Start(start)!;
    }

    public WorkerClient CreateClient(WorkerClientOptions? options = null) => Endpoint.CreateClient(options);

    public void Signal(PosixSignal signal) => Signal(_process, signal);

    public static void Signal(Process process, PosixSignal signal)
    {
        using var kill = Process.Start("kill", [signal == PosixSignal.SIGTERM ? "-TERM" : "-INT", process.Id.ToString(CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
    }

    /// <summary>Waits for the agent to end by itself; its exit code and what it said on standard error.</summary>
    public async Task<(int ExitCode, string Error)> WaitAsync()
    {
        await _process.WaitForExitAsync().WaitAsync(s_patience);
        return (_process.ExitCode, await _errors);
    }

    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            await KillAsync();
        }

        _process.Dispose();
    }

    private static async Task<AgentProcess> AttachAsync(Process process, WorkerCertificates certificates)
    {
        try
        {
            var greeting = await process.StandardOutput.ReadLineAsync().WaitAsync(s_patience);
            return greeting is not null
                ? new AgentProcess(process, certificates, int.Parse(greeting.Split(' ')[^1], CultureInfo.InvariantCulture))
                : throw new InvalidOperationException($"The agent does not start: {await process.StandardError.ReadToEndAsync()}");
        }
        catch
        {
            process.Kill();
            process.Dispose();
            throw;
        }
    }
}
