using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Security.Authentication;
using Coriolis.Worker.Protocol;

namespace Coriolis.Providers.Aws.Workers;

/// <summary>
/// The way to a worker's agent: straight to its port, or through the SSH connection where that port is closed. Once the worker is lost it leads
/// nowhere, so that nobody waits for an answer.
/// </summary>
internal sealed class AgentRoute(WorkerShell shell, WorkerCertificates certificates, TimeProvider timeProvider)
{
    /// <summary>The port of the existing replicator, which security groups out there admit.</summary>
    public const int AgentPort = 4433;

    private static readonly TimeSpan s_startTimeout = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan s_attemptTimeout = TimeSpan.FromSeconds(3);

    private readonly ConcurrentDictionary<Socket, bool> _sockets = [];
    private volatile string? _loss;
    private (string Host, int Port) _endpoint;
    private volatile bool _wasReached;

    /// <summary>Whether everything goes through the SSH connection, and ends with it.</summary>
    public bool UsesTunnel { get; private set; }

    public bool IsSevered => _loss is not null;

    /// <summary>Finds the way as soon as the agent listens.</summary>
    /// <exception cref="SourceException">The agent ends, cannot be reached in time, or something else listens there.</exception>
    public async Task FindAsync(AgentProcess agent, WorkerRun run, CancellationToken cancellationToken)
    {
        var started = timeProvider.GetTimestamp();
        var direct = (shell.Worker.Address, AgentPort);
        var tunnel = ("127.0.0.1", shell.OpenTunnel(AgentPort));
        while (await TryAsync(direct, cancellationToken).ConfigureAwait(false) is { } obstacle)
        {
            if (await TryAsync(tunnel, cancellationToken).ConfigureAwait(false) is not { } tunnelObstacle)
            {
                // The agent may have begun to listen between the two attempts.
                if (await TryAsync(direct, cancellationToken).ConfigureAwait(false) is { } still)
                {
                    _endpoint = tunnel;
                    UsesTunnel = true;
                    run.Report($"reading through SSH, because port {AgentPort} of {shell.Worker.Address} cannot be reached: {still.Message}");
                }

                break;
            }

            if (agent.Ended.IsCompleted || timeProvider.GetElapsedTime(started) > s_startTimeout)
            {
                throw Unreachable(agent.LastWords ?? tunnelObstacle.Message, obstacle);
            }

            await Task.Delay(TimeSpan.FromMilliseconds(200), timeProvider, cancellationToken).ConfigureAwait(false);
        }

        _wasReached = true;
    }

    /// <summary>Connects to the agent and has it show who it is. Thread safe.</summary>
    /// <exception cref="IOException">It cannot be reached, or does not shake hands any more.</exception>
    /// <exception cref="SourceException">The worker is lost.</exception>
    public async Task<Stream> ConnectAsync(CancellationToken cancellationToken)
    {
        ThrowIfSevered();
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(_endpoint.Host, _endpoint.Port, cancellationToken).ConfigureAwait(false);
            foreach (var closed in _sockets.Keys.Where(static known => !known.Connected))
            {
                _sockets.TryRemove(closed, out _);
            }

            _sockets[socket] = true;
            var stream = await WorkerTls.AuthenticateAsync(new NetworkStream(socket, ownsSocket: true), certificates, cancellationToken).ConfigureAwait(false);
            ThrowIfSevered();
            return stream;
        }
        catch (AuthenticationException error) when (_wasReached)
        {
            // It had shown who it is: it went away in the middle of the handshake, or somebody else is in its place, to whom nothing is sent.
            Forget(socket);
            throw new IOException($"The agent on {shell.Worker.Id} does not shake hands any more: {(error.InnerException ?? error).Message}", error);
        }
        catch
        {
            Forget(socket);
            throw;
        }
    }

    /// <summary>Closes all connections for good.</summary>
    /// <param name="why">Why the worker is lost, for those who still ask.</param>
    public void Sever(string why)
    {
        _loss = why;
        foreach (var socket in _sockets.Keys)
        {
            Forget(socket);
        }
    }

    private async Task<Exception?> TryAsync((string Host, int Port) way, CancellationToken cancellationToken)
    {
        _endpoint = way;
        try
        {
            using var limit = new CancellationTokenSource(s_attemptTimeout, timeProvider);
            using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
            var stream = await ConnectAsync(both.Token).ConfigureAwait(false);
            await stream.DisposeAsync().ConfigureAwait(false);
            return null;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new TimeoutException($"no answer within {s_attemptTimeout.TotalSeconds:0} s");
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

    private void Forget(Socket socket)
    {
        _sockets.TryRemove(socket, out _);
        socket.Dispose();
    }

    private void ThrowIfSevered()
    {
        if (_loss is { } why)
        {
            throw new SourceException($"The worker {shell.Worker.Id} is lost: {why}.")
            {
                ResourceId = shell.Worker.Id,
                Remedy = "Run again: what has been written is not sent a second time.",
                IsTransient = true,
            };
        }
    }

    private SourceException Unreachable(string why, Exception? error) =>
        new($"The agent on the worker {shell.Worker.Id} cannot be reached on port {AgentPort}: {why}", error)
        {
            ResourceId = shell.Worker.Id,
            Remedy = "Check that the image runs programs for its architecture, or use the read path direct.",
            IsTransient = true,
        };
}
