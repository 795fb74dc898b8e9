using System.Diagnostics;
using System.Text;

namespace Coriolis.Cli.Tests;

/// <summary>A process that a test starts, with everything that it writes.</summary>
internal sealed class ChildProcess : IDisposable
{
    /// <summary>The exit code of a process that was ended by SIGKILL.</summary>
    public const int Killed = 128 + 9;

    private readonly Process _process;
    private readonly Task<string> _output;
    private readonly StringBuilder _error = new();
    private readonly List<(string Text, TaskCompletionSource Seen)> _awaited = [];
    private readonly Task _errorEnd;

    public ChildProcess(string program, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

        _process = Process.Start(start)!;
        _output = _process.StandardOutput.ReadToEndAsync();
        _errorEnd = ReadErrorAsync();
    }

    /// <summary>
    /// The tool as a program of its own: natively compiled where <c>CORIOLIS_AWS</c> says where that is, as in <c>tests/run.sh</c>, and
    /// otherwise the one that was built with the tests.
    /// </summary>
    public static string ToolPath { get; } =
        Environment.GetEnvironmentVariable("CORIOLIS_AWS") is { Length: > 0 } native ? native : Path.Combine(AppContext.BaseDirectory, "coriolis-aws");

    public int Id => _process.Id;

    /// <summary>Starts the tool.</summary>
    public static ChildProcess OfTool(IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null) =>
        new(ToolPath, arguments, environment ?? AwsEnvironment.Variables);

    /// <summary>Waits until the process has written a line with a certain text to standard error.</summary>
    public Task WaitForErrorLineAsync(string text, CancellationToken cancellationToken)
    {
        var seen = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_error)
        {
            if (_error.ToString().Contains(text, StringComparison.Ordinal))
            {
                return Task.CompletedTask;
            }

            _awaited.Add((text, seen));
        }

        return seen.Task.WaitAsync(cancellationToken);
    }

    public async Task<CliRun> WaitAsync(CancellationToken cancellationToken)
    {
        await _process.WaitForExitAsync(cancellationToken);
        await _errorEnd;
        return new CliRun(_process.ExitCode, await _output, _error.ToString());
    }

    public void Kill() => _process.Kill();

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
        }

        _process.Dispose();
    }

    private async Task ReadErrorAsync()
    {
        while (await _process.StandardError.ReadLineAsync() is { } line)
        {
            lock (_error)
            {
                _error.AppendLine(line);
                foreach (var (_, seen) in _awaited.Where(awaited => line.Contains(awaited.Text, StringComparison.Ordinal)))
                {
                    seen.SetResult();
                }

                _awaited.RemoveAll(awaited => awaited.Seen.Task.IsCompleted);
            }
        }

        lock (_error)
        {
            foreach (var (text, seen) in _awaited)
            {
                seen.SetException(new EndOfStreamException($"The process ended without writing '{text}':\n{_error}"));
            }
        }
    }
}
