using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Security.Authentication;
using Coriolis.Worker.Protocol;
using Renci.SshNet;

namespace Coriolis.Providers.Aws.Workers;

/// <summary>
/// A worker with its agent running: the connection to it, the extension of its life while this process lives, and the watch that says when it is lost.
/// </summary>
internal sealed class WorkerSession : IAsyncDisposable
{
    /// <summary>The port of the existing replicator, which security groups out there admit.</summary>
    public const int AgentPort = 4433;

    private const string Program = "/home/" + WorkerUserData.User + "/" + AgentFiles.Executable;
    private static readonly TimeSpan s_startTimeout = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan s_directTimeout = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan s_pulse = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(15);

    private readonly WorkerShell _shell;
    private readonly SshCommand _agent;
    private readonly WorkerCertificates _certificates;
    private readonly AwsSourceOptions _options;
    private readonly TimeProvider _timeProvider;
    private readonly Func<CancellationToken, Task<LaunchedWorker?>> _findMachine;
    private readonly Task _agentRun;
    private readonly ConcurrentDictionary<Socket, bool> _sockets = [];
    private readonly ConcurrentDictionary<string, ReadWatch> _watches = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource _closing = new();
    private volatile string? _loss;
    private Task _pulse = Task.CompletedTask;
    private (string Host, int Port) _endpoint;
    private bool _usesTunnel;
    private bool _isDisposed;
    private volatile bool _wasReached;

    private WorkerSession(
        WorkerShell shell,
        SshCommand agent,
        Task agentRun,
        WorkerCertificates certificates,
        Func<CancellationToken, Task<LaunchedWorker?>> findMachine,
        AwsSourceOptions options,
        TimeProvider timeProvider)
    {
        _shell = shell;
        _agent = agent;
        _agentRun = agentRun;
        _findMachine = findMachine;
        _certificates = certificates;
        _options = options;
        _timeProvider = timeProvider;
        Client = new WorkerClient(ConnectAsync, new WorkerClientOptions { AllowCompression = options.WorkerCompression, TimeProvider = timeProvider });
    }

    public WorkerClient Client { get; }

    /// <summary>Whether a disk of the machine does not answer, which starting the agent anew would not change.</summary>
    public bool HasStalled { get; private set; }

    /// <summary>The watch over a disk, for those who wait for it.</summary>
    public ReadWatch Watch(string diskId) => _watches.GetOrAdd(diskId, static (_, clock) => new ReadWatch(clock), _timeProvider);

    /// <summary>Uploads the agent, starts it and connects to it. Owns the shell from here on.</summary>
    /// <param name="shell">SSH to the worker.</param>
    /// <param name="run">Whose worker it is.</param>
    /// <param name="agentPath">The agent, as it lies on this machine.</param>
    /// <param name="findMachine">Looks the machine up; null when it does not run any more.</param>
    /// <param name="options">The options.</param>
    /// <param name="timeProvider">The clock.</param>
    /// <param name="cancellationToken">Cancels the start.</param>
    /// <exception cref="SourceException">The agent cannot be brought to the worker, started or reached.</exception>
    public static async Task<WorkerSession> StartAsync(
        WorkerShell shell,
        WorkerRun run,
        string agentPath,
        Func<CancellationToken, Task<LaunchedWorker?>> findMachine,
        AwsSourceOptions options,
        TimeProvider timeProvider,
        CancellationToken cancellationToken)
    {
        run.Report("starting the agent");
        var certificates = WorkerCertificates.Create([shell.Worker.Address], TimeSpan.FromDays(30), timeProvider);
        SshCommand agent;
        Task agentRun;
        try
        {
            // After a reset of the connection the agent of before may still be there, and in a restarted machine the timer is not set.
            await shell.RunAsync($"sudo -n pkill -x {AgentFiles.Executable} || true", cancellationToken).ConfigureAwait(false);
            await shell.RunAsync(WorkerUserData.LeaseCommand(options.WorkerLease), cancellationToken).ConfigureAwait(false);
            await shell.UploadAsync(agentPath, Program, cancellationToken).ConfigureAwait(false);
            await shell.RunAsync($"chmod 755 {Program}", cancellationToken).ConfigureAwait(false);
            agent = shell.CreateCommand(
                $"sudo -n {Program} run -credentials-stdin -disable-chunking -lease-seconds=120 -listen-port={AgentPort}");
            agentRun = agent.ExecuteAsync(CancellationToken.None);
            var input = agent.CreateInputStream();
            await input.WriteAsync(System.Text.Encoding.ASCII.GetBytes(certificates.AgentBundle), cancellationToken).ConfigureAwait(false);
            await input.FlushAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception error)
        {
            shell.Dispose();
            if (error is not (Renci.SshNet.Common.SshException or SocketException or IOException))
            {
                throw;
            }

            throw new SourceException($"The agent cannot be brought to the worker {shell.Worker.Id}: {error.Message}", error)
            {
                ResourceId = shell.Worker.Id,
                Remedy = "Run again; if it lasts, look at what lies between here and the worker.",
                IsTransient = true,
            };
        }

        var session = new WorkerSession(shell, agent, agentRun, certificates, findMachine, options, timeProvider);
        try
        {
            await session.FindWayAsync(run, cancellationToken).ConfigureAwait(false);
            session._wasReached = true;
            session._pulse = session.WatchAsync();
            return session;
        }
        catch
        {
            await session.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Closes the connections; a second call does nothing.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, true))
        {
            return;
        }

        await _closing.CancelAsync().ConfigureAwait(false);
        await _pulse.ConfigureAwait(false);
        await Client.DisposeAsync().ConfigureAwait(false);
        _agent.Dispose();
        _shell.Dispose();
        _closing.Dispose();
    }

    /// <summary>Straight to the agent's port when that can be reached, else through the SSH connection.</summary>
    private async Task FindWayAsync(WorkerRun run, CancellationToken cancellationToken)
    {
        var started = _timeProvider.GetTimestamp();
        var direct = (_shell.Worker.Address, AgentPort);
        var tunnel = ("127.0.0.1", _shell.OpenTunnel(AgentPort));
        while (true)
        {
            var obstacle = await TryAsync(direct, cancellationToken).ConfigureAwait(false);
            if (obstacle is null)
            {
                return;
            }

            if (await TryAsync(tunnel, cancellationToken).ConfigureAwait(false) is not { } tunnelObstacle)
            {
                // The agent may have begun to listen between the two attempts.
                if (await TryAsync(direct, cancellationToken).ConfigureAwait(false) is { } still)
                {
                    _endpoint = tunnel;
                    _usesTunnel = true;
                    run.Report($"reading through SSH, because port {AgentPort} of {_shell.Worker.Address} cannot be reached: {still.Message}");
                }

                return;
            }

            if (_agentRun.IsCompleted || _timeProvider.GetElapsedTime(started) > s_startTimeout)
            {
                throw Unreachable(_agent.Error is { Length: > 0 } said ? said.Trim() : tunnelObstacle.Message, obstacle);
            }

            await Task.Delay(TimeSpan.FromMilliseconds(200), _timeProvider, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<Exception?> TryAsync((string Host, int Port) way, CancellationToken cancellationToken)
    {
        _endpoint = way;
        try
        {
            using var limit = new CancellationTokenSource(s_directTimeout, _timeProvider);
            using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
            var stream = await ConnectAsync(both.Token).ConfigureAwait(false);
            await stream.DisposeAsync().ConfigureAwait(false);
            return null;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new TimeoutException($"no answer within {s_directTimeout.TotalSeconds:0} s");
        }
        catch (Exception error) when (error is IOException or SocketException)
        {
            return error;
        }
        catch (AuthenticationException error)
        {
            throw Unreachable($"What listens there is not its agent: {error.Message}", error);
        }
    }

    private async Task<Stream> ConnectAsync(CancellationToken cancellationToken)
    {
        ThrowIfLost();
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(_endpoint.Host, _endpoint.Port, cancellationToken).ConfigureAwait(false);
            foreach (var closed in _sockets.Keys.Where(static known => !known.Connected))
            {
                _sockets.TryRemove(closed, out _);
            }

            _sockets[socket] = true;
            var stream = await WorkerTls.AuthenticateAsync(new NetworkStream(socket, ownsSocket: true), _certificates, cancellationToken).ConfigureAwait(false);
            ThrowIfLost();
            return stream;
        }
        catch (AuthenticationException error) when (_wasReached)
        {
            // It had shown who it is: it went away in the middle of the handshake, or somebody else is in its place, to whom nothing is sent.
            Forget(socket);
            throw new IOException($"The agent on {_shell.Worker.Id} does not shake hands any more: {(error.InnerException ?? error).Message}", error);
        }
        catch
        {
            Forget(socket);
            throw;
        }
    }

    private void Forget(Socket socket)
    {
        _sockets.TryRemove(socket, out _);
        socket.Dispose();
    }

    private void ThrowIfLost()
    {
        if (_loss is { } why)
        {
            throw new SourceException($"The worker {_shell.Worker.Id} is lost: {why}.")
            {
                ResourceId = _shell.Worker.Id,
                Remedy = "Run again: what has been written is not sent a second time.",
                IsTransient = true,
            };
        }
    }

    /// <summary>Puts off the worker's own end, and finds out when the worker or its agent has ended, so that nobody waits for it.</summary>
    private async Task WatchAsync()
    {
        var extended = _timeProvider.GetTimestamp();
        while (_loss is null && !_closing.IsCancellationRequested)
        {
            try
            {
                var pause = Task.Delay(s_pulse, _timeProvider, _closing.Token);
                await (_agentRun.IsCompleted ? pause : Task.WhenAny(pause, _agentRun)).ConfigureAwait(false);
                if (await FindLossAsync().ConfigureAwait(false) is { } why)
                {
                    Lose(why);
                }
                else if (_timeProvider.GetElapsedTime(extended) > _options.WorkerLease / 3)
                {
                    await _shell.RunAsync(WorkerUserData.LeaseCommand(_options.WorkerLease), _closing.Token).ConfigureAwait(false);
                    extended = _timeProvider.GetTimestamp();
                }
            }
            catch (Exception error) when (error is OperationCanceledException or IOException or SocketException or CoriolisException
                or Renci.SshNet.Common.SshException)
            {
                // Tried again at the next beat; whoever reads has a deadline of their own.
            }
        }
    }

    private async Task<string?> FindLossAsync()
    {
        _closing.Token.ThrowIfCancellationRequested();
        foreach (var (diskId, watch) in _watches)
        {
            if (watch.Silence > _options.WorkerStallTimeout)
            {
                HasStalled = true;
                return $"nothing could be read of {diskId} for {_options.WorkerStallTimeout}";
            }
        }

        if (_agentRun.IsCompletedSuccessfully)
        {
            return $"its agent ended{(_agent.Error.Trim() is { Length: > 0 } said ? $": {said}" : "")}";
        }

        if (!_agentRun.IsCompleted)
        {
            return await AnswersAsync().ConfigureAwait(false) ? null : await FindEndAsync().ConfigureAwait(false);
        }

        // The SSH connection that started the agent broke: the machine ended or restarted, or only the connection did.
        if (_usesTunnel)
        {
            return "the SSH connection, through which everything goes, broke";
        }

        if (await FindEndAsync().ConfigureAwait(false) is { } end)
        {
            return end;
        }

        try
        {
            await _shell.RunAsync($"pgrep -x {AgentFiles.Executable}", _closing.Token).ConfigureAwait(false);
            return null;
        }
        catch (SourceException error)
        {
            return error.IsTransient ? error.Problem : "its agent is gone, as after a restart of the machine";
        }
    }

    private async Task<bool> AnswersAsync()
    {
        try
        {
            using var limit = new CancellationTokenSource(s_patience, _timeProvider);
            using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, _closing.Token);
            await Client.GetHealthAsync(both.Token).ConfigureAwait(false);
            return true;
        }
        catch (Exception error) when (error is IOException or SocketException || (error is OperationCanceledException && !_closing.IsCancellationRequested))
        {
            return false;
        }
    }

    private async Task<string?> FindEndAsync() =>
        await _findMachine(_closing.Token).ConfigureAwait(false) is null ? "the instance does not run any more" : null;

    private void Lose(string why)
    {
        _loss = why;
        foreach (var socket in _sockets.Keys)
        {
            Forget(socket);
        }
    }

    private SourceException Unreachable(string why, Exception? error) =>
        new($"The agent on the worker {_shell.Worker.Id} cannot be reached on port {AgentPort}: {why}", error)
        {
            ResourceId = _shell.Worker.Id,
            Remedy = "Check that the image runs programs for its architecture, or use the read path direct.",
            IsTransient = true,
        };
}
