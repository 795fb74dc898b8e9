using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace Coriolis.Worker.Protocol;

/// <summary>Mutual TLS 1.3 between controller and agent.</summary>
/// <remarks>Safe for concurrent use.</remarks>
public static class WorkerTls
{
    /// <summary>Authenticates both sides over a stream that reaches the agent, be it a socket or a tunnel.</summary>
    /// <param name="transport">The stream; owned by the result, and closed when the authentication fails.</param>
    /// <param name="certificates">The certificates of the run.</param>
    /// <param name="cancellationToken">Cancels the authentication.</param>
    /// <returns>The encrypted stream.</returns>
    /// <exception cref="AuthenticationException">The agent is not the one that holds this run's certificate.</exception>
    /// <exception cref="IOException">The agent closed the connection, for example because it does not accept the client's certificate.</exception>
    public static async Task<Stream> AuthenticateAsync(
        Stream transport, WorkerCertificates certificates, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(transport);
        ArgumentNullException.ThrowIfNull(certificates);
        using var authority = X509Certificate2.CreateFromPem(certificates.AuthorityCertificate);
        using var own = X509Certificate2.CreateFromPem(certificates.ClientCertificate, certificates.ClientKey);
        var tls = new SslStream(new TransportBuffer(transport, TransportBuffer.DataSize, TransportBuffer.RequestSize), leaveInnerStreamOpen: false);
        try
        {
            await tls.AuthenticateAsClientAsync(
                new SslClientAuthenticationOptions
                {
                    TargetHost = ProtocolLimits.AgentHostName,
                    EnabledSslProtocols = SslProtocols.Tls13,
                    ClientCertificateContext = SslStreamCertificateContext.Create(own, additionalCertificates: null, offline: true),
                    ApplicationProtocols = [new SslApplicationProtocol(ProtocolLimits.ApplicationProtocol)],
                    CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
                    RemoteCertificateValidationCallback = (_, certificate, _, errors) => PinnedAuthority.Accepts(authority, certificate, errors),
                },
                cancellationToken).ConfigureAwait(false);
            return tls;
        }
        catch
        {
            await tls.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }
}
