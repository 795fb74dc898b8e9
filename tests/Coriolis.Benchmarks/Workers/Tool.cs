using System.Diagnostics;

namespace Coriolis.Benchmarks.Workers;

/// <summary>Programs of the machine: run to their end and timed, or running until they are disposed.</summary>
internal sealed class Tool : IDisposable
{
    private readonly Process _process;

    private Tool(Process process) => _process = process;

    /// <summary>Runs a program; its wall and CPU time, with that of its children, in seconds.</summary>
    public static async Task<(double Wall, double Cpu)> MeasureAsync(string program, params IReadOnlyList<string> arguments)
    {
        // The shell's "times" counts the children that it waited for, which .NET does not tell.
        var watch = Stopwatch.StartNew();
        var lines = (await RunAsync("bash", ["-c", "\"$@\" >&2 && TIMEFORMAT='' && times", "bash", program, .. arguments])).Trim().Split('\n');
        var wall = watch.Elapsed.TotalSeconds;
        return (wall, lines[^1].Split(' ', StringSplitOptions.RemoveEmptyEntries).Sum(Seconds));
    }

    public static async Task<string> RunAsync(string program, params IReadOnlyList<string> arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var error = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0 ? output : throw new InvalidOperationException($"{program} {string.Join(' ', arguments)}: {await error}");
    }

    public static Tool Start(string program, params IReadOnlyList<string> arguments) => new(Process.Start(program, arguments));

    public void Dispose()
    {
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
    }

    /// <summary>Reads what the shell prints, such as <c>1m2.345s</c>.</summary>
    private static double Seconds(string text)
    {
        var parts = text.TrimEnd('s').Split('m');
        return (double.Parse(parts[0], System.Globalization.CultureInfo.InvariantCulture) * 60)
            + double.Parse(parts[1], System.Globalization.CultureInfo.InvariantCulture);
    }
}
