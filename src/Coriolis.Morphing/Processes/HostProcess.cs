using System.Diagnostics;

namespace Coriolis.Morphing.Processes;

/// <summary>Runs a program of the host to its end, with a deadline and a bound on what it may print.</summary>
internal static class HostProcess
{
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
        var output = BoundedOutput.ReadTextAsync(process.StandardOutput.BaseStream);
        var error = BoundedOutput.ReadTextAsync(process.StandardError.BaseStream);
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

        start.Environment.Clear();
        foreach (var (name, value) in ProgramEnvironment.With(environment))
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
}
