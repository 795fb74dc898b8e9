using System.Diagnostics;
using System.Globalization;
using Coriolis.Morphing.Guests;
using Coriolis.Morphing.Processes;

namespace Coriolis.Morphing.Mounting;

/// <summary>A mount namespace of our own, in which guests are mounted.</summary>
/// <remarks>
/// It is held by a process that waits for its standard input to end. When this process ends, whoever ends it, the input
/// ends too: the kernel then kills what runs in the namespace, unmounts everything and frees the loop devices. So a kill
/// leaves nothing behind, and the host never sees a mount of a guest. What the host unmounts meanwhile goes here, too: as a
/// private copy it would stay busy until the guest is done. Devices that do not belong to a namespace are taken down by the
/// same process, which is told of each before it is made.
/// </remarks>
internal sealed class MountNamespace : IMountSpace, IAsyncDisposable
{
    // The same for every run: each sees only its own mounts there, and the host an empty directory.
    private const string BaseDirectory = "/run/coriolis-morph";

    /// <summary>A function for the shell that takes a mapped device down.</summary>
    /// <remarks>udev of the host may have started a volume group that it saw there: what is on top of the device goes, too.</remarks>
    public const string Unmap = """
        unmap() {
            for try in 1 2 3 4 5; do
                device=$(dmsetup info --columns --noheadings --options blkdevname "$1")
                for holder in /sys/block/"$device"/holders/dm-*; do
                    [ ! -e "$holder" ] || dmsetup remove --retry "$(cat "$holder/dm/name")"
                done
                dmsetup remove --retry "$1" && return
            done
            return 1
        }
        """;

    // Lines of the input are what to do in the end, the last one first. What "foreign" names was not attached by us.
    private const string Holder = Unmap + """

        foreign=
        detach() {
            case $foreign in *" $1 "*) ;; *) losetup --detach "$1" ;; esac
        }
        mkdir -p "$1" && mount -t tmpfs -o nosuid,mode=700 coriolis-morph "$1" && read -r pid rest < /proc/self/stat && echo "ready $pid" || exit
        undo=
        while read -r line; do undo="$line
        $undo"; done
        [ -n "$undo" ] || exit
        exec >/dev/null 2>&1
        kill -KILL -1
        for attempt in 1 2 3 4 5 6 7 8 9 10; do umount --recursive "$1" && break; sleep 0.2; done
        eval "$undo"
        """;

    /// <summary>The command that holds a namespace until its input ends, which is what to do then, and that prints its process once it is there.</summary>
    public static readonly IReadOnlyList<string> Hold =
    [
        "unshare", "--mount", "--propagation", "slave", "--pid", "--fork", "--kill-child=KILL",
        "/bin/sh", "-c", Holder, "sh", BaseDirectory,
    ];

    private static readonly TimeSpan s_timeout = TimeSpan.FromMinutes(5);

    // udev of the host would start what it finds on a guest's devices: volume groups and arrays of the guest among its own.
    private static readonly IReadOnlyDictionary<string, string> s_environment = new Dictionary<string, string>
    {
        ["DM_DISABLE_UDEV"] = "1",
        ["MDADM_NO_UDEV"] = "1",
    };

    private readonly Process _launcher;
    private readonly int _holder;
    private readonly TimeProvider _timeProvider;

    private MountNamespace(Process launcher, int holder, TimeProvider timeProvider)
    {
        _launcher = launcher;
        _holder = holder;
        _timeProvider = timeProvider;
    }

    /// <summary>The command that enters the namespace, to put before another.</summary>
    public IReadOnlyList<string> Enter => ["nsenter", $"--mount=/proc/{_holder}/ns/mnt", $"--pid=/proc/{_holder}/ns/pid", "--"];

    public static async Task<MountNamespace> CreateAsync(TimeProvider timeProvider, CancellationToken cancellationToken)
    {
        var launcher = HostProcess.Start(Hold, s_environment);
        try
        {
            var ready = await launcher.StandardOutput.ReadLineAsync(cancellationToken).ConfigureAwait(false);
            if (ParseReady(ready) is { } holder)
                return new(launcher, holder, timeProvider);

            throw CannotMake(await launcher.StandardError.ReadToEndAsync(cancellationToken).ConfigureAwait(false));
        }
        catch
        {
            launcher.Kill(entireProcessTree: true);
            launcher.Dispose();
            throw;
        }
    }

    /// <returns>The process that holds a namespace; <see langword="null"/> when it could not be made.</returns>
    public static int? ParseReady(string? line) =>
        line?.Split(' ') is ["ready", var holder] ? int.Parse(holder, CultureInfo.InvariantCulture) : null;

    public static GuestException CannotMake(string problem) => new($"No mount namespace can be made: {problem.Trim()}.")
    {
        Remedy = "Run as root on a Linux machine that allows mounts and namespaces.",
    };

    /// <summary>A directory of the namespace, as programs in it name it.</summary>
    public static string Inside(string name) => $"{BaseDirectory}/{name}";

    /// <summary>A directory of the namespace, as this process reaches it.</summary>
    public string Outside(string name) => $"/proc/{_holder}/root{BaseDirectory}/{name}";

    public Task CreateDirectoryAsync(string name, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Directory.CreateDirectory(Outside(name));
        return Task.CompletedTask;
    }

    public IGuestRoot OpenRoot(string name, string description, IReadOnlyList<GuestFileSystem> fileSystems) =>
        LocalGuestRoot.Open(Outside(name), GuestCommandRunner.Local(Enter, Inside(name), _timeProvider), description, fileSystems, _timeProvider);

    /// <summary>Tells the namespace what to do when it ends, after everything in it is unmounted and before what it was told earlier.</summary>
    /// <param name="command">A line for the shell.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    public async Task AddUndoAsync(string command, CancellationToken cancellationToken)
    {
        await _launcher.StandardInput.WriteLineAsync(command.AsMemory(), cancellationToken).ConfigureAwait(false);
        await _launcher.StandardInput.FlushAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Runs a program in the namespace.</summary>
    public Task<GuestCommandResult> TryRunAsync(
        IReadOnlyList<string> command, CancellationToken cancellationToken, ReadOnlyMemory<byte> input = default) =>
        HostProcess.RunAsync([.. Enter, .. command], s_environment, input, s_timeout, _timeProvider, cancellationToken);

    /// <summary>Runs a program in the namespace that has to succeed.</summary>
    public async Task<string> RunAsync(IReadOnlyList<string> command, CancellationToken cancellationToken)
    {
        var result = await TryRunAsync(command, cancellationToken).ConfigureAwait(false);
        return result.ExitCode == 0
            ? result.Output
            : throw new GuestException($"{string.Join(' ', command)} failed: {result.Error.Trim()}");
    }

    public async ValueTask DisposeAsync()
    {
        _launcher.StandardInput.Close();
        using var deadline = new CancellationTokenSource(s_timeout, _timeProvider);
        try
        {
            await _launcher.WaitForExitAsync(deadline.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            _launcher.Kill(entireProcessTree: true);
        }

        _launcher.Dispose();
    }
}
