using System.Collections.Concurrent;
using System.Net.Sockets;
using Coriolis.Worker.Protocol;
using Renci.SshNet.Common;

namespace Coriolis.Providers.Aws.Workers;

/// <summary>A worker with its agent running: its life is extended while this process lives, and a watch says when it is lost.</summary>
internal sealed class WorkerSession : IAsyncDisposable
{
    private static readonly TimeSpan s_pulse = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(15);

    private readonly WorkerShell _shell;
    private readonly AgentProcess _agent;
    private readonly AgentRoute _route;
    private readonly AwsSourceOptions _options;
    private readonly TimeProvider _timeProvider;
    private readonly Func<CancellationToken, Task<LaunchedWorker?>> _findMachine;
    private readonly ConcurrentDictionary<string, ReadWatch> _watches = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource _closing = new();
    private Task _pulse = Task.CompletedTask;
    private bool _isDisposed;

    private WorkerSession(
        WorkerShell shell,
        AgentProcess agent,
        AgentRoute route,
        Func<CancellationToken, Task<LaunchedWorker?>> findMachine,
        AwsSourceOptions options,
        TimeProvider timeProvider)
    {
        _shell = shell;
        _agent = agent;
        _route = route;
        _findMachine = findMachine;
        _options = options;
        _timeProvider = timeProvider;
        Client = new WorkerClient(route.ConnectAsync, new WorkerClientOptions { AllowCompression = options.WorkerCompression, TimeProvider = timeProvider });
    }

    public WorkerClient Client { get; }

    /// <summary>Whether a disk of the machine does not answer, which starting the agent anew would not change.</summary>
    public bool HasStalled { get; private set; }

    /// <summary>The watch over a disk, for those who wait for it.</summary>
    public ReadWatch Watch(string diskId) => _watches.GetOrAdd(diskId, static (_, clock) => new ReadWatch(clock), _timeProvider);

    /// <summary>Uploads the agent, starts it and finds the way to it. Owns the shell from here on.</summary>
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
        AgentProcess? agent = null;
        try
        {
            run.Report("starting the agent");
            var certificates = WorkerCertificates.Create([shell.Worker.Address], TimeSpan.FromDays(30), timeProvider);
            agent = await AgentProcess.StartAsync(shell, agentPath, certificates, options.WorkerLease, cancellationToken).ConfigureAwait(false);
            var route = new AgentRoute(shell, certificates, timeProvider);
            await route.FindAsync(agent, run, cancellationToken).ConfigureAwait(false);
            var session = new WorkerSession(shell, agent, route, findMachine, options, timeProvider);
            session._pulse = session.WatchAsync();
            return session;
        }
        catch
        {
            agent?.Dispose();
            shell.Dispose();
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

    /// <summary>Puts off the worker's own end, and finds out when the worker or its agent has ended, so that nobody waits for it.</summary>
    private async Task WatchAsync()
    {
        var extended = _timeProvider.GetTimestamp();
        while (!_route.IsSevered && !_closing.IsCancellationRequested)
        {
            try
            {
                var pause = Task.Delay(s_pulse, _timeProvider, _closing.Token);
                await (_agent.Ended.IsCompleted ? pause : Task.WhenAny(pause, _agent.Ended)).ConfigureAwait(false);
                if (await FindLossAsync().ConfigureAwait(false) is { } why)
                {
                    _route.Sever(why);
                }
                else if (_timeProvider.GetElapsedTime(extended) > _options.WorkerLease / 3)
                {
                    await _shell.RunAsync(WorkerUserData.LeaseCommand(_options.WorkerLease), _closing.Token).ConfigureAwait(false);
                    extended = _timeProvider.GetTimestamp();
                }
            }
            catch (Exception error) when (error is OperationCanceledException or IOException or SocketException or CoriolisException or SshException)
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

        if (_agent.Ended.IsCompletedSuccessfully)
        {
            return $"its agent ended{(_agent.LastWords is { } said ? $": {said}" : "")}";
        }

        if (!_agent.Ended.IsCompleted)
        {
            return await AnswersAsync().ConfigureAwait(false) ? null : await FindEndAsync().ConfigureAwait(false);
        }

        // The SSH connection that started the agent broke: the machine ended or restarted, or only the connection did.
        if (_route.UsesTunnel)
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
}
