using System.Diagnostics;
using System.Text;

namespace Coriolis.Morphing.Processes;

/// <summary>Runs a program of the host to its end, with a deadline and a bound on what it may print.</summary>
internal static class HostProcess
{
    private const string HostPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    // Enough for the longest package list; a program that prints without end must not fill the memory.
    private const int MaxOutputBytes = 1024 * 1024;

    public static async Task<GuestCommandResult> RunAsync(
        IReadOnlyList<string> command,
        IReadOnlyDictionary<string, string> environment,
        ReadOnlyMemory<byte> input,
        TimeSpan timeout,
        TimeProvider timeProvider,
        CancellationToken cancellationToken)
    {
        using var process = Start(command, environment);
        using var deadline = new CancellationTokenSource(timeout, timeProvider);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);

        // A killed program closes its pipes, so the readers end without a token of their own.
        var output = ReadBoundedAsync(process.StandardOutput.BaseStream);
        var error = ReadBoundedAsync(process.StandardError.BaseStream);
        try
        {
            await WriteInputAsync(process, input, linked.Token).ConfigureAwait(false);
            await process.WaitForExitAsync(linked.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            await Task.WhenAll(output, error).ConfigureAwait(false);
            cancellationToken.ThrowIfCancellationRequested();
            throw new GuestException($"{command[0]} did not end within {timeout.TotalSeconds:0} s and was killed.");
        }

        return new(process.ExitCode, await output.ConfigureAwait(false), await error.ConfigureAwait(false));
    }

    public static Process Start(IReadOnlyList<string> command, IReadOnlyDictionary<string, string> environment)
    {
        var start = new ProcessStartInfo(command[0])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var argument in command.Skip(1))
            start.ArgumentList.Add(argument);

        // The caller's environment (proxies, credentials, locale) is not for the programs run here.
        start.Environment.Clear();
        start.Environment["PATH"] = HostPath;
        start.Environment["LC_ALL"] = "C";
        start.Environment["HOME"] = "/root";
        foreach (var (name, value) in environment)
            start.Environment[name] = value;

        try
        {
            return Process.Start(start)!;
        }
        catch (System.ComponentModel.Win32Exception failure)
        {
            throw new GuestException($"The program {command[0]} cannot be started: {failure.Message}.", failure)
            {
                Remedy = $"Install the package that holds {command[0]} on this machine.",
            };
        }
    }

    private static async Task WriteInputAsync(Process process, ReadOnlyMemory<byte> input, CancellationToken cancellationToken)
    {
        try
        {
            await process.StandardInput.BaseStream.WriteAsync(input, cancellationToken).ConfigureAwait(false);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // The program ended without reading its input; its exit code says whether that is a failure.
        }
    }

    private static async Task<string> ReadBoundedAsync(Stream stream)
    {
        var kept = new MemoryStream();
        var buffer = new byte[16 * 1024];
        while (await stream.ReadAsync(buffer).ConfigureAwait(false) is > 0 and var count)
            kept.Write(buffer, 0, Math.Min(count, MaxOutputBytes - (int)kept.Length));
        return Encoding.UTF8.GetString(kept.GetBuffer(), 0, (int)kept.Length);
    }
}
