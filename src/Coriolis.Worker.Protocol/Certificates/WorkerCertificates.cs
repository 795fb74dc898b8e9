using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Coriolis.Worker.Protocol;

/// <summary>The certificates of one run: an authority that signs one agent and one client, and is then forgotten.</summary>
/// <remarks>
/// Immutable; safe for concurrent use. The texts are PEM and contain private keys: keep them in memory, and give the agent no
/// more than <see cref="AgentBundle"/>.
/// </remarks>
public sealed record WorkerCertificates
{
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";
    private const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";

    /// <summary>The certificate of the authority. Its key is not kept: nobody can sign a third certificate.</summary>
    public required string AuthorityCertificate { get; init; }

    /// <summary>The agent's certificate.</summary>
    public required string AgentCertificate { get; init; }

    /// <summary>The agent's private key.</summary>
    public required string AgentKey { get; init; }

    /// <summary>The controller's certificate.</summary>
    public required string ClientCertificate { get; init; }

    /// <summary>The controller's private key.</summary>
    public required string ClientKey { get; init; }

    /// <summary>What the agent reads from its standard input: its certificate, its key and the authority.</summary>
    public string AgentBundle => $"{AgentCertificate}\n{AgentKey}\n{AuthorityCertificate}\n";

    /// <summary>Makes new keys and certificates.</summary>
    /// <param name="agentHosts">Further addresses and names of the agent, for clients that check them.</param>
    /// <param name="validity">How long the certificates hold from now; an hour before now is allowed for slow clocks.</param>
    /// <param name="timeProvider">The clock.</param>
    /// <returns>The certificates.</returns>
    public static WorkerCertificates Create(IEnumerable<string> agentHosts, TimeSpan validity, TimeProvider timeProvider)
    {
        ArgumentNullException.ThrowIfNull(agentHosts);
        ArgumentNullException.ThrowIfNull(timeProvider);
        var from = timeProvider.GetUtcNow().AddHours(-1);
        var until = timeProvider.GetUtcNow() + validity;

        using var authorityKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var authorityRequest = new CertificateRequest("CN=Coriolis worker authority", authorityKey, HashAlgorithmName.SHA256);
        authorityRequest.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, true, 0, true));
        authorityRequest.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        authorityRequest.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(authorityRequest.PublicKey, false));
        using var authority = authorityRequest.CreateSelfSigned(from, until);

        var (agentCertificate, agentKey) = Sign(authority, "CN=Coriolis worker", ServerAuthentication, AgentNames(agentHosts), from, until);
        var (clientCertificate, clientKey) = Sign(authority, "CN=Coriolis controller", ClientAuthentication, null, from, until);
        return new WorkerCertificates
        {
            AuthorityCertificate = authority.ExportCertificatePem(),
            AgentCertificate = agentCertificate,
            AgentKey = agentKey,
            ClientCertificate = clientCertificate,
            ClientKey = clientKey,
        };
    }

    private static X509Extension AgentNames(IEnumerable<string> hosts)
    {
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(ProtocolLimits.AgentHostName);
        foreach (var host in hosts.Distinct(StringComparer.OrdinalIgnoreCase))
        {
            if (IPAddress.TryParse(host, out var address))
            {
                names.AddIpAddress(address);
            }
            else if (host != ProtocolLimits.AgentHostName)
            {
                names.AddDnsName(host);
            }
        }

        return names.Build();
    }

    private static (string Certificate, string Key) Sign(
        X509Certificate2 authority, string subject, string usage, X509Extension? names, DateTimeOffset from, DateTimeOffset until)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(usage)], false));
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(authority, true, false));
        if (names is not null)
        {
            request.CertificateExtensions.Add(names);
        }

        var serial = RandomNumberGenerator.GetBytes(16);
        serial[0] &= 0x7F;
        using var certificate = request.Create(authority, from, until, serial);
        return (certificate.ExportCertificatePem(), key.ExportPkcs8PrivateKeyPem());
    }
}
