using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;

namespace Coriolis.Aws.Emulator.Workers;

/// <summary>
/// A Linux machine on this host: a process in namespaces of its own (files, processes, network, host name) that takes shell commands on its
/// standard input and ends with it. Everything in it ends with that process, so nothing outlives the emulator, however that ends.
/// </summary>
/// <remarks>Thread-safe.</remarks>
internal sealed class Machine : IAsyncDisposable
{
    private readonly Process _process;
    private readonly TimeProvider _timeProvider;
    private readonly MachineConsole _console = new();
    private readonly ConcurrentDictionary<int, TaskCompletionSource<int>> _commands = [];
    private readonly Task _output;
    private int _lastCommand;
    private long _powerOffAt = long.MaxValue;

    private Machine(Process process, TimeProvider timeProvider)
    {
        _process = process;
        _timeProvider = timeProvider;
        _output = ReadOutputAsync();
    }

    public MachineNetwork Network { get; private set; } = null!;

    /// <summary>The process on the host that everything in the machine descends from.</summary>
    public int ProcessId => _process.Id;

    public string ConsoleOutput => _console.ToString();

    /// <summary>When the machine wants to be off; the end of time for never.</summary>
    public DateTimeOffset PowerOffAt
    {
        get => new(Interlocked.Read(ref _powerOffAt), TimeSpan.Zero);
        set => Interlocked.Exchange(ref _powerOffAt, value.UtcTicks);
    }

    /// <summary>Starts a machine with a network and a root of its own, and nothing running in it yet.</summary>
    /// <param name="timeProvider">What times of powering off are counted by.</param>
    /// <param name="macAddress">The address of its network card.</param>
    public static async Task<Machine> StartAsync(TimeProvider timeProvider, string macAddress)
    {
        var process = HostCommand.Start(
            "unshare", ["--mount", "--net", "--pid", "--uts", "--ipc", "--fork", "--kill-child", "bash", "-s"]);
        var machine = new Machine(process, timeProvider);
        try
        {
            // Only once the first command answers is the process known to have left the host's namespaces.
            await machine.RunAsync(BootScript.Root).ConfigureAwait(false);
            machine.Network = await MachineNetwork.ConnectAsync(process.Id, macAddress).ConfigureAwait(false);
            return machine;
        }
        catch
        {
            await machine.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Runs shell commands in the machine, after those given before.</summary>
    /// <exception cref="IOException">They failed or the machine has ended; the message has the end of the console.</exception>
    public async Task RunAsync(string script)
    {
        var id = Interlocked.Increment(ref _lastCommand);
        var answer = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        _commands[id] = answer;
        if (_output.IsCompleted) answer.TrySetResult(-1);
        var text = $"{script}\necho \"{BootScript.Mark} done {id} $?\"\n";
        lock (_process)
        {
            try
            {
                _process.StandardInput.Write(text);
                _process.StandardInput.Flush();
            }
            catch (Exception error) when (error is IOException or ObjectDisposedException)
            {
                answer.TrySetResult(-1);
            }
        }

        var code = await answer.Task.ConfigureAwait(false);
        if (code != 0) throw new IOException($"A command in a machine ended with {code}: {ConsoleOutput[^Math.Min(ConsoleOutput.Length, 500)..]}");
    }

    /// <summary>Ends everything in the machine at once, as a failure of its hardware would.</summary>
    public async ValueTask DisposeAsync()
    {
        try
        {
            _process.Kill(entireProcessTree: true);
        }
        catch (InvalidOperationException)
        {
            // It has ended by itself.
        }

        await _process.WaitForExitAsync().ConfigureAwait(false);
        await _output.ConfigureAwait(false);
        _process.Dispose();
    }

    private async Task ReadOutputAsync()
    {
        while (await _process.StandardOutput.ReadLineAsync().ConfigureAwait(false) is { } line)
        {
            if (!line.StartsWith(BootScript.Mark, StringComparison.Ordinal)) _console.WriteLine(line);
            else Answer(line.Split(' '));
        }

        foreach (var waiting in _commands.Values)
        {
            waiting.TrySetResult(-1);
        }
    }

    private void Answer(string[] words)
    {
        switch (words)
        {
            case [_, "done", var id, var code] when _commands.TryRemove(Number(id), out var waiting):
                waiting.TrySetResult(Number(code));
                break;
            case [_, "shutdown", "never"]:
                PowerOffAt = DateTimeOffset.MaxValue;
                break;
            case [_, "shutdown", var minutes]:
                PowerOffAt = _timeProvider.GetUtcNow().AddMinutes(Number(minutes));
                break;
        }

        static int Number(string text) => int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : 0;
    }
}
