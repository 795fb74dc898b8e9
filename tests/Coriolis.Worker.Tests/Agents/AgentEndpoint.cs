using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Coriolis.Worker.Protocol;

namespace Coriolis.Worker.Tests;

/// <summary>Where an agent listens, and the certificates that it trusts.</summary>
internal sealed record AgentEndpoint(WorkerCertificates Certificates, int Port)
{
    public static WorkerCertificates CreateCertificates() => WorkerCertificates.Create(["127.0.0.1"], TimeSpan.FromDays(1), TimeProvider.System);

    public WorkerClient CreateClient(WorkerClientOptions? options = null) => new(ConnectAsync, options);

    public async Task<Stream> ConnectAsync(CancellationToken cancellationToken) =>
        await WorkerTls.AuthenticateAsync(await ConnectSocketAsync(cancellationToken), Certificates, cancellationToken);

    public async Task<NetworkStream> ConnectSocketAsync(CancellationToken cancellationToken = default)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(IPAddress.Loopback, Port, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>A client like the existing one: HTTP/1.1, client certificate, only the run's authority trusted, addressed by IP.</summary>
    public HttpClient CreateHttpClient() => new(new SocketsHttpHandler { SslOptions = CreateTlsOptions(Certificates) })
    {
        BaseAddress = new Uri($"https://127.0.0.1:{Port}"),
    };

    /// <summary>An encrypted stream on which HTTP can be written by hand.</summary>
    public async Task<SslStream> ConnectHttpAsync()
    {
        var tls = new SslStream(await ConnectSocketAsync());
        var options = CreateTlsOptions(Certificates);
        options.TargetHost = "127.0.0.1";
        await tls.AuthenticateAsClientAsync(options);
        return tls;
    }

    public static SslClientAuthenticationOptions CreateTlsOptions(WorkerCertificates certificates) => new()
    {
        ClientCertificates = [X509Certificate2.CreateFromPem(certificates.ClientCertificate, certificates.ClientKey)],
        CertificateChainPolicy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            CustomTrustStore = { X509Certificate2.CreateFromPem(certificates.AuthorityCertificate) },
            RevocationMode = X509RevocationMode.NoCheck,
        },
    };
}
