using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Coriolis.Worker.Protocol;

namespace Coriolis.Worker.Tests;

/// <summary>An agent in this process, on a loopback port, with its own certificates.</summary>
internal sealed class RunningAgent : IAsyncDisposable
{
    private readonly CancellationTokenSource _stopping = new();
    private readonly AgentCredentials _credentials;
    private readonly AgentServer _server;
    private readonly Task _serving;

    private RunningAgent(IReadOnlyList<string> devices, ReplicatorOptions options, string? stateFile, TimeSpan lease, TimeProvider timeProvider, WorkerCertificates certificates, int port)
    {
        Certificates = certificates;
        Log = TextWriter.Synchronized(new StringWriter());
        _credentials = AgentCredentials.ReadAsync(new StringReader(certificates.AgentBundle), CancellationToken.None).GetAwaiter().GetResult();
        Agent = new Agent(new DiskCatalog(devices, ignoreMounted: true), lease, timeProvider);
        Register = new DiskRegister(Agent, options, StateFile.Read(stateFile), _stopping.Token);
        Register.Refresh();
        _server = new AgentServer(Agent, new ReplicatorApi(Register, Agent, options, _stopping.Token), _credentials, Log);
        Port = _server.Listen(IPAddress.Loopback, port);
        _serving = _server.ServeAsync(_stopping.Token);
    }

    public WorkerCertificates Certificates { get; }

    public Agent Agent { get; }

    public DiskRegister Register { get; }

    public TextWriter Log { get; }

    public int Port { get; }

    public static RunningAgent Start(params IReadOnlyList<string> devices) => Start(devices, new ReplicatorOptions { DisableChunking = true });

    public static RunningAgent Start(
        IReadOnlyList<string> devices,
        ReplicatorOptions options,
        string? stateFile = null,
        TimeSpan lease = default,
        TimeProvider? timeProvider = null,
        WorkerCertificates? certificates = null,
        int port = 0) =>
        new(
            devices,
            options,
            stateFile,
            lease,
            timeProvider ?? TimeProvider.System,
            certificates ?? WorkerCertificates.Create(["127.0.0.1"], TimeSpan.FromDays(1), TimeProvider.System),
            port);

    public WorkerClient CreateClient(WorkerClientOptions? options = null) => new(ConnectAsync, options);

    public async Task<Stream> ConnectAsync(CancellationToken cancellationToken)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(IPAddress.Loopback, Port, cancellationToken);
        }
        catch
        {
            socket.Dispose();
            throw;
        }

        return await WorkerTls.AuthenticateAsync(new NetworkStream(socket, ownsSocket: true), Certificates, cancellationToken);
    }

    /// <summary>A client like the existing one: HTTP/1.1, client certificate, only the run's authority trusted.</summary>
    public HttpClient CreateHttpClient(WorkerCertificates? certificates = null)
    {
        var own = certificates ?? Certificates;
        var authority = X509Certificate2.CreateFromPem(own.AuthorityCertificate);
        var handler = new SocketsHttpHandler
        {
            SslOptions = new SslClientAuthenticationOptions
            {
                ClientCertificates = [X509Certificate2.CreateFromPem(own.ClientCertificate, own.ClientKey)],
                CertificateChainPolicy = new X509ChainPolicy
                {
                    TrustMode = X509ChainTrustMode.CustomRootTrust,
                    CustomTrustStore = { authority },
                    RevocationMode = X509RevocationMode.NoCheck,
                },
            },
        };
        return new HttpClient(handler) { BaseAddress = new Uri($"https://127.0.0.1:{Port}") };
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _serving;
        await Register.Hashing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _server.Dispose();
        Agent.Dispose();
        _credentials.Dispose();
        _stopping.Dispose();
    }
}
