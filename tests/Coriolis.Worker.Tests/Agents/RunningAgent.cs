using System.Net;
using Coriolis.Worker.Protocol;

namespace Coriolis.Worker.Tests;

/// <summary>An agent in this process, on a loopback port, whose clock and insides a test can reach.</summary>
internal sealed class RunningAgent : IAsyncDisposable
{
    private readonly CancellationTokenSource _stopping = new();
    private readonly AgentCredentials _credentials;
    private readonly AgentServer _server;
    private readonly Task _serving;

    private RunningAgent(IReadOnlyList<string> devices, TimeSpan lease, TimeProvider timeProvider)
    {
        var certificates = AgentEndpoint.CreateCertificates();
        var options = new ReplicatorOptions { DisableChunking = true };
        _credentials = AgentCredentials.ReadAsync(new StringReader(certificates.AgentBundle), CancellationToken.None).GetAwaiter().GetResult();
        Agent = new Agent(new DiskCatalog(devices, ignoreMounted: true), lease, timeProvider);
        var register = new DiskRegister(Agent, options, StateFile.Read(null), _stopping.Token);
        register.Refresh();
        _server = new AgentServer(Agent, new ReplicatorApi(register, Agent, options, _stopping.Token), _credentials, Log);
        Endpoint = new AgentEndpoint(certificates, _server.Listen(IPAddress.Loopback, 0));
        _serving = _server.ServeAsync(_stopping.Token);
    }

    public AgentEndpoint Endpoint { get; }

    public Agent Agent { get; }

    public TextWriter Log { get; } = TextWriter.Synchronized(new StringWriter());

    public static RunningAgent Start(params IReadOnlyList<string> devices) => new(devices, TimeSpan.Zero, TimeProvider.System);

    public static RunningAgent Start(TimeSpan lease, TimeProvider timeProvider) => new([], lease, timeProvider);

    public WorkerClient CreateClient(WorkerClientOptions? options = null) => Endpoint.CreateClient(options);

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _serving;
        _server.Dispose();
        Agent.Dispose();
        _credentials.Dispose();
        _stopping.Dispose();
    }
}
