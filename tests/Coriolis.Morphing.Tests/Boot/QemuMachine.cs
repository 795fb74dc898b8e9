using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Coriolis.Morphing.Tests.Support;

namespace Coriolis.Morphing.Tests.Boot;

/// <summary>A virtual machine without hardware acceleration, spoken to over its serial console.</summary>
internal sealed partial class QemuMachine : IDisposable
{
    private static readonly TimeSpan s_bootPatience = TimeSpan.FromMinutes(15);
    private static readonly TimeSpan s_commandPatience = TimeSpan.FromMinutes(2);

    private readonly Process _process;
    private readonly StringBuilder _console = new();
    private int _read;
    private int _commands;

    private QemuMachine(Process process) => _process = process;

    /// <summary>Everything that the machine has printed so far.</summary>
    public string Console => _console.ToString();

    /// <summary>Switches a machine on.</summary>
    /// <param name="disks">Raw images, the one that boots first.</param>
    /// <param name="hardware">The rest of the machine, as arguments of qemu.</param>
    public static QemuMachine Start(IEnumerable<string> disks, params string[] hardware)
    {
        Machine.NeedsProgram("qemu-system-x86_64");
        var start = new ProcessStartInfo(
            "qemu-system-x86_64",
            [
                "-accel", "tcg,thread=multi", "-cpu", "max", "-smp", "2", "-nodefaults", "-display", "none", "-serial", "stdio",
                .. disks.SelectMany(disk => (string[])["-drive", $"file={disk},format=raw,if=virtio,cache=unsafe"]),
                .. hardware,
            ])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        return new(Process.Start(start)!);
    }

    public async Task LogInAsync(string user, string password)
    {
        await WaitForAsync(LoginPrompt(), s_bootPatience);
        await SendAsync(user);
        await WaitForAsync(PasswordPrompt(), s_commandPatience);
        await SendAsync(password);
        await WaitForAsync(ShellPrompt(), s_commandPatience);

        // A shell that does not edit lines; and neither messages of the kernel nor what is typed among the output of commands.
        await SendAsync("exec sh");
        await SendAsync("dmesg --console-off; stty -echo; PS1=");
        await RunAsync("true");
    }

    /// <summary>Runs a command line in the shell, and gives what it prints, whatever its exit code.</summary>
    public async Task<string> RunAsync(string command, TimeSpan? patience = null)
    {
        var number = ++_commands;
        await SendAsync($"printf '%s\\n' 'begin'{number}; {command}\nprintf '\\n%s\\n' 'end'{number}");
        var output = await WaitForAsync(
            new Regex($@"begin{number}\r\n(?<output>.*?)\r?\n?end{number}\r\n", RegexOptions.Singleline), patience ?? s_commandPatience);
        return output.Groups["output"].Value.Replace("\r\n", "\n", StringComparison.Ordinal).TrimEnd('\n');
    }

    /// <summary>Switches the machine off in order, so that its disks are complete.</summary>
    public async Task PowerOffAsync()
    {
        await SendAsync("systemctl poweroff");
        using var deadline = new CancellationTokenSource(s_commandPatience);
        while (await ReadAsync(deadline.Token))
        {
        }

        await _process.WaitForExitAsync(deadline.Token);
    }

    /// <summary>Waits until the console shows something after what was waited for before.</summary>
    public async Task<Match> WaitForAsync(Regex pattern, TimeSpan patience)
    {
        using var deadline = new CancellationTokenSource(patience);
        while (true)
        {
            var match = pattern.Match(Console, _read);
            if (match.Success)
            {
                _read = match.Index + match.Length;
                return match;
            }

            try
            {
                if (await ReadAsync(deadline.Token))
                    continue;
            }
            catch (OperationCanceledException)
            {
                // Answered below, as the end of the machine is.
            }

            throw new AssertionException(
                string.Create(CultureInfo.InvariantCulture, $"The console did not show {pattern} within {patience}:\n{Console[^Math.Min(Console.Length, 4000)..]}"));
        }
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill();
        _process.Dispose();
    }

    private async Task SendAsync(string line)
    {
        await _process.StandardInput.WriteAsync(line + "\n");
        await _process.StandardInput.FlushAsync();
    }

    private async Task<bool> ReadAsync(CancellationToken cancellationToken)
    {
        var buffer = new char[4096];
        var count = await _process.StandardOutput.ReadAsync(buffer, cancellationToken);
        _console.Append(buffer, 0, count);
        return count > 0;
    }

    [GeneratedRegex(@"login: $")]
    private static partial Regex LoginPrompt();

    [GeneratedRegex(@"Password: $")]
    private static partial Regex PasswordPrompt();

    [GeneratedRegex(@"# $")]
    private static partial Regex ShellPrompt();
}
