using System.Net.Sockets;
using System.Text;
using Coriolis.Morphing.Processes;
using Renci.SshNet;
using Renci.SshNet.Common;

namespace Coriolis.Morphing.Ssh;

/// <summary>Runs programs on another machine, as root, over one connection whose host key is pinned.</summary>
internal sealed class SshHost : IDisposable
{
    // OpenSSH admits ten sessions on a connection.
    private const int MaxSessions = 8;

    // The program ends when its input does, which a cancelled call, a lost connection and the death of this process have in common.
    private const string Supervisor = """
        exec 3<&0
        "$@" </dev/null 3<&- & program=$!
        { cat; kill -KILL "$program"; } <&3 >/dev/null 2>&1 & watcher=$!
        exec 3<&-
        wait "$program"; code=$?
        kill "$watcher"
        exit "$code"
        """;

    // What is said to a channel that has ended is to OpenSSH a breach of the protocol, for which it drops the connection and every other command on
    // it. So no command begins before the first line of its input has arrived, and no script ends before the end of its input has.
    private const string Starter = "read -r start; exec \"$@\"";
    private const string Ender = "\"$@\"; code=$?; cat >/dev/null; exit \"$code\"";

    private static readonly IReadOnlyDictionary<string, string> s_noMore = new Dictionary<string, string>();

    private readonly SshClient _client;
    private readonly TimeProvider _timeProvider;
    private readonly bool _isRoot;
    private readonly SemaphoreSlim _sessions = new(MaxSessions);
    private readonly CancellationTokenSource _closing = new();

    private SshHost(SshClient client, bool isRoot, string description, TimeProvider timeProvider)
    {
        _client = client;
        _isRoot = isRoot;
        _timeProvider = timeProvider;
        Description = description;
    }

    public string Description { get; }

    public static async Task<SshHost> ConnectAsync(SshGuestOptions options, TimeProvider timeProvider, CancellationToken cancellationToken)
    {
        var description = $"{options.User}@{options.Host}:{options.Port}";
        var hostKey = SshHostKey.Parse(options.HostKey);
        var client = new SshClient(CreateConnection(options, hostKey)) { KeepAliveInterval = TimeSpan.FromSeconds(15) };
        var isStranger = false;
        client.HostKeyReceived += (_, e) => isStranger |= !(e.CanTrust = hostKey.Matches(e.HostKey));
        try
        {
            await client.ConnectAsync(cancellationToken).ConfigureAwait(false);
            return new(client, options.User == "root", description, timeProvider);
        }
        catch (Exception failure) when (failure is SshException or SocketException or IOException)
        {
            client.Dispose();
            throw new GuestException($"{description} cannot be reached over SSH: {(isStranger ? "its host key is not the one that was given." : failure.Message)}", failure)
            {
                ResourceId = description,
                IsTransient = !isStranger && failure is not SshAuthenticationException,
            };
        }
        catch
        {
            client.Dispose();
            throw;
        }
    }

    /// <summary>Runs a program until it ends or its time is over, with nothing on its standard input.</summary>
    public async Task<GuestCommandResult> RunAsync(
        IReadOnlyList<string> command, IReadOnlyDictionary<string, string> environment, TimeSpan timeout, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(timeout, _timeProvider);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        using var session = await OpenAsync([.. Shell(Supervisor), .. command], environment, linked.Token).ConfigureAwait(false);
        var output = BoundedOutput.ReadTextAsync(session.Output);
        var error = BoundedOutput.ReadTextAsync(session.Error);
        await session.WaitForExitAsync(linked.Token).ConfigureAwait(false);
        cancellationToken.ThrowIfCancellationRequested();
        return deadline.IsCancellationRequested
            ? throw new GuestException($"{command[0]} did not end within {timeout.TotalSeconds:0} s on {Description} and was killed.")
            : new(session.ExitCode, await output.ConfigureAwait(false), await error.ConfigureAwait(false));
    }

    /// <summary>Starts a program whose input stays open until the session is disposed.</summary>
    public Task<SshSession> StartAsync(IReadOnlyList<string> command, CancellationToken cancellationToken) =>
        OpenAsync(command, s_noMore, cancellationToken);

    /// <summary>Runs a shell script that must succeed.</summary>
    /// <returns>What it printed, up to the script's bound.</returns>
    /// <exception cref="IOException">The script failed; the message is what it printed to standard error.</exception>
    public async Task<ReadOnlyMemory<byte>> RunScriptAsync(SshScript script, CancellationToken cancellationToken)
    {
        using var run = await StartScriptAsync(script, cancellationToken).ConfigureAwait(false);
        var output = BoundedOutput.ReadAsync(run.Output, script.MaxOutputBytes);
        await run.EndAsync(cancellationToken).ConfigureAwait(false);
        return await output.ConfigureAwait(false);
    }

    /// <summary>Starts a shell script whose output is read while it runs.</summary>
    public async Task<SshScriptRun> StartScriptAsync(SshScript script, CancellationToken cancellationToken)
    {
        var session = await OpenAsync([.. Shell(Ender), .. script.Enter, .. Shell(script.Text), .. script.Arguments], s_noMore, cancellationToken).ConfigureAwait(false);
        return new(session, script, cancellationToken);
    }

    /// <summary>Closes the connection. Calls that are under way fail, and what they run there is killed.</summary>
    public void Dispose()
    {
        _closing.Cancel();
        _client.Dispose();
    }

    private static string[] Shell(string script) => ["/bin/sh", "-c", script, "sh"];

    private static ConnectionInfo CreateConnection(SshGuestOptions options, SshHostKey hostKey)
    {
        var identity = new PrivateKeyFile(new MemoryStream(Encoding.ASCII.GetBytes(options.PrivateKey)));
        var connection = new ConnectionInfo(options.Host, options.Port, options.User, new PrivateKeyAuthenticationMethod(options.User, identity))
        {
            Timeout = options.ConnectTimeout,
        };

        // A server has keys of several types and shows the one that the client prefers.
        foreach (var other in connection.HostKeyAlgorithms.Keys.Where(name => !hostKey.IsUsedBy(name)).ToArray())
            connection.HostKeyAlgorithms.Remove(other);
        return connection;
    }

    private async Task<SshSession> OpenAsync(
        IReadOnlyList<string> command, IReadOnlyDictionary<string, string> environment, CancellationToken cancellationToken)
    {
        string[] full =
        [
            .. _isRoot ? (string[])[] : ["sudo", "-n", "--"],
            "env", "-i", .. ProgramEnvironment.With(environment).Select(pair => $"{pair.Key}={pair.Value}"),
            .. Shell(Starter),
            .. command,
        ];
        await _sessions.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return SshSession.Start(_client.CreateCommand("exec " + string.Join(' ', full.Select(ShellWord.Quote))), () => _sessions.Release(), _closing.Token);
        }
        catch (Exception failure) when (failure is SshException or InvalidOperationException or SocketException)
        {
            _sessions.Release();
            throw new GuestException($"{Description} cannot be reached any more: {failure.Message}", failure) { ResourceId = Description, IsTransient = true };
        }
    }
}
