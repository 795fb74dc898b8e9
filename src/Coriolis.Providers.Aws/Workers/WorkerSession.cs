using System.Net.Sockets;
using System.Security.Authentication;
using Coriolis.Worker.Protocol;
using Renci.SshNet;

namespace Coriolis.Providers.Aws.Workers;

/// <summary>A worker with its agent running: the connection to it, and the extension of its life while this process lives.</summary>
internal sealed class WorkerSession : IAsyncDisposable
{
    /// <summary>The port of the existing replicator, which security groups out there admit.</summary>
    public const int AgentPort = 4433;

    private const string Program = "/home/" + WorkerUserData.User + "/" + AgentFiles.Executable;
    private static readonly TimeSpan s_startTimeout = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan s_directTimeout = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan s_pulse = TimeSpan.FromSeconds(30);

    private readonly WorkerShell _shell;
    private readonly SshCommand _agent;
    private readonly WorkerCertificates _certificates;
    private readonly AwsSourceOptions _options;
    private readonly TimeProvider _timeProvider;
    private readonly CancellationTokenSource _closing = new();
    private Task _pulse = Task.CompletedTask;
    private (string Host, int Port) _endpoint;

    private WorkerSession(WorkerShell shell, SshCommand agent, WorkerCertificates certificates, AwsSourceOptions options, TimeProvider timeProvider)
    {
        _shell = shell;
        _agent = agent;
        _certificates = certificates;
        _options = options;
        _timeProvider = timeProvider;
        Client = new WorkerClient(ConnectAsync, new WorkerClientOptions { TimeProvider = timeProvider });
    }

    public WorkerClient Client { get; }

    /// <summary>Uploads the agent, starts it and connects to it. Owns the shell from here on.</summary>
    public static async Task<WorkerSession> StartAsync(
        WorkerShell shell, WorkerRun run, string agentPath, AwsSourceOptions options, TimeProvider timeProvider, CancellationToken cancellationToken)
    {
        run.Report("starting the agent");
        try
        {
            await shell.UploadAsync(agentPath, Program, cancellationToken).ConfigureAwait(false);
            await shell.RunAsync($"chmod 755 {Program}", cancellationToken).ConfigureAwait(false);
        }
        catch (Exception error) when (error is Renci.SshNet.Common.SshException or SocketException or IOException)
        {
            shell.Dispose();
            throw new SourceException($"The agent cannot be brought to the worker {shell.Worker.Id}: {error.Message}", error)
            {
                ResourceId = shell.Worker.Id,
                Remedy = "Run again; if it lasts, look at what lies between here and the worker.",
                IsTransient = true,
            };
        }

        var certificates = WorkerCertificates.Create([shell.Worker.Address], TimeSpan.FromDays(30), timeProvider);
        var agent = shell.CreateCommand(
            $"sudo -n {Program} run -credentials-stdin -disable-chunking -lease-seconds=120 -listen-port={AgentPort}");
        _ = agent.ExecuteAsync(CancellationToken.None);
        var input = agent.CreateInputStream();
        await input.WriteAsync(System.Text.Encoding.ASCII.GetBytes(certificates.AgentBundle), cancellationToken).ConfigureAwait(false);
        await input.FlushAsync(cancellationToken).ConfigureAwait(false);
        var session = new WorkerSession(shell, agent, certificates, options, timeProvider);
        try
        {
            await session.FindWayAsync(cancellationToken).ConfigureAwait(false);
            session._pulse = session.PulseAsync();
            return session;
        }
        catch
        {
            await session.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync().ConfigureAwait(false);
        await _pulse.ConfigureAwait(false);
        await Client.DisposeAsync().ConfigureAwait(false);
        _agent.Dispose();
        _shell.Dispose();
        _closing.Dispose();
    }

    /// <summary>Straight to the agent's port when that can be reached, else through the SSH connection.</summary>
    private async Task FindWayAsync(CancellationToken cancellationToken)
    {
        var started = _timeProvider.GetTimestamp();
        var ways = new[] { (_shell.Worker.Address, AgentPort), ("127.0.0.1", _shell.OpenTunnel(AgentPort)) };
        while (true)
        {
            Exception? last = null;
            foreach (var way in ways)
            {
                _endpoint = way;
                try
                {
                    using var limit = new CancellationTokenSource(s_directTimeout, _timeProvider);
                    using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
                    var stream = await ConnectAsync(both.Token).ConfigureAwait(false);
                    await stream.DisposeAsync().ConfigureAwait(false);
                    return;
                }
                catch (Exception error) when (error is IOException or SocketException || (error is OperationCanceledException && !cancellationToken.IsCancellationRequested))
                {
                    last = error;
                }
                catch (AuthenticationException error)
                {
                    throw Unreachable($"What listens there is not its agent: {error.Message}", error);
                }
            }

            if (_timeProvider.GetElapsedTime(started) > s_startTimeout)
            {
                throw Unreachable(_agent.Error is { Length: > 0 } said ? said.Trim() : last!.Message, last);
            }

            await Task.Delay(TimeSpan.FromMilliseconds(200), _timeProvider, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<Stream> ConnectAsync(CancellationToken cancellationToken)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(_endpoint.Host, _endpoint.Port, cancellationToken).ConfigureAwait(false);
            return await WorkerTls.AuthenticateAsync(new NetworkStream(socket, ownsSocket: true), _certificates, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Keeps the agent's lease alive, and puts off the worker's own end.</summary>
    private async Task PulseAsync()
    {
        var extended = _timeProvider.GetTimestamp();
        while (!_closing.IsCancellationRequested)
        {
            try
            {
                await Task.Delay(s_pulse, _timeProvider, _closing.Token).ConfigureAwait(false);
                await Client.GetHealthAsync(_closing.Token).ConfigureAwait(false);
                if (_timeProvider.GetElapsedTime(extended) > _options.WorkerLease / 3)
                {
                    await _shell.RunAsync(WorkerUserData.LeaseCommand(_options.WorkerLease), _closing.Token).ConfigureAwait(false);
                    extended = _timeProvider.GetTimestamp();
                }
            }
            catch (Exception error) when (error is OperationCanceledException or IOException or CoriolisException or Renci.SshNet.Common.SshException)
            {
                // Whoever reads finds out that the worker is gone, and says so.
            }
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
