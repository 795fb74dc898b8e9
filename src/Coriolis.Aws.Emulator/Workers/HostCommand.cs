using System.Diagnostics;

namespace Coriolis.Aws.Emulator.Workers;

/// <summary>Runs the host's own tools.</summary>
internal static class HostCommand
{
    /// <summary>Runs a command to its end and returns what it printed.</summary>
    /// <exception cref="IOException">It cannot be started or failed; the message has what it said.</exception>
    public static async Task<string> RunAsync(string file, IEnumerable<string> arguments, string? input = null)
    {
        using var process = Start(file, arguments);
        if (input is not null) await process.StandardInput.WriteAsync(input).ConfigureAwait(false);
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = await process.StandardError.ReadToEndAsync().ConfigureAwait(false);
        await process.WaitForExitAsync().ConfigureAwait(false);
        return process.ExitCode == 0
            ? await output.ConfigureAwait(false)
            : throw new IOException($"'{file} {string.Join(' ', arguments)}' ended with {process.ExitCode}: {errors.Trim()}");
    }

    public static Process Start(string file, IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(file, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        // Services are outside the search path of ordinary users.
        start.Environment["PATH"] = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
        try
        {
            return Process.Start(start) ?? throw new IOException($"'{file}' did not start.");
        }
        catch (System.ComponentModel.Win32Exception error)
        {
            throw new IOException($"'{file}' cannot be started: {error.Message}", error);
        }
    }
}
