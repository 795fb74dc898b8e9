using System.Text;
using Coriolis.Morphing.Mounting;
using Coriolis.Morphing.Processes;

namespace Coriolis.Morphing.Ssh;

/// <summary>A mount namespace of our own on another machine. It ends with the connection, whatever ends that.</summary>
internal sealed class SshMountSpace : IMountSpace, IAsyncDisposable
{
    private static readonly TimeSpan s_timeout = TimeSpan.FromMinutes(5);
    private static readonly Dictionary<string, string> s_noMore = [];

    private readonly SshSession _holder;

    private SshMountSpace(SshHost host, SshSession holder, int process)
    {
        Host = host;
        _holder = holder;

        // Not the namespace of its processes: what runs here is killed by its own supervisor, which must see it.
        Enter = ["nsenter", $"--mount=/proc/{process}/ns/mnt", "--"];
        EnterForLife = ["nsenter", $"--mount=/proc/{process}/ns/mnt", $"--pid=/proc/{process}/ns/pid", "--"];
    }

    public SshHost Host { get; }

    /// <summary>The command that enters the namespace, to put before another.</summary>
    public IReadOnlyList<string> Enter { get; }

    /// <summary>The same for a command that is killed when the namespace ends.</summary>
    public IReadOnlyList<string> EnterForLife { get; }

    public static async Task<SshMountSpace> CreateAsync(SshHost host, CancellationToken cancellationToken)
    {
        var holder = await host.StartAsync(MountNamespace.Hold, cancellationToken).ConfigureAwait(false);
        try
        {
            using var output = new StreamReader(holder.Output, Encoding.ASCII, leaveOpen: true);
            var ready = await output.ReadLineAsync(cancellationToken).AsTask().WaitAsync(cancellationToken).ConfigureAwait(false);
            return MountNamespace.ParseReady(ready) is { } process
                ? new(host, holder, process)
                : throw MountNamespace.CannotMake(await BoundedOutput.ReadTextAsync(holder.Error).ConfigureAwait(false));
        }
        catch
        {
            holder.Dispose();
            throw;
        }
    }

    public Task CreateDirectoryAsync(string name, CancellationToken cancellationToken) =>
        RunAsync(["mkdir", "-p", MountNamespace.Inside(name)], cancellationToken);

    public async Task<string> RunAsync(IReadOnlyList<string> command, CancellationToken cancellationToken)
    {
        var result = await Host.RunAsync([.. Enter, .. command], s_noMore, s_timeout, cancellationToken).ConfigureAwait(false);
        return result.ExitCode == 0
            ? result.Output
            : throw new GuestException($"{string.Join(' ', command)} failed on {Host.Description}: {result.Error.Trim()}");
    }

    public IGuestRoot OpenRoot(string name, string description, IReadOnlyList<GuestFileSystem> fileSystems) =>
        new SshGuestRoot(Host, Enter, MountNamespace.Inside(name), description, fileSystems);

    public async ValueTask DisposeAsync()
    {
        await _holder.EndAsync().ConfigureAwait(false);
        _holder.Dispose();
    }
}
