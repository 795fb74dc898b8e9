using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Coriolis.Worker;

/// <summary>The agent's certificate and the authority whose clients it serves.</summary>
internal sealed class AgentCredentials : IDisposable
{
    private const int BlockCount = 3;
    private const int MaxBundleLength = 64 * 1024;

    private readonly X509Certificate2 _certificate;

    private AgentCredentials(X509Certificate2 certificate, X509Certificate2 authority)
    {
        _certificate = certificate;
        Authority = authority;
        Context = SslStreamCertificateContext.Create(certificate, additionalCertificates: null, offline: true);
    }

    public X509Certificate2 Authority { get; }

    public SslStreamCertificateContext Context { get; }

    public static AgentCredentials Load(RunOptions options) => Parse(string.Join('\n', [
        File.ReadAllText(options.Certificate), File.ReadAllText(options.Key), File.ReadAllText(options.AuthorityCertificate)]));

    /// <summary>Reads certificate, key and authority; the input may stay open after them.</summary>
    public static async Task<AgentCredentials> ReadAsync(TextReader input, CancellationToken cancellationToken)
    {
        var bundle = new StringBuilder();
        for (var blocks = 0; blocks < BlockCount && bundle.Length < MaxBundleLength;)
        {
            var line = await input.ReadLineAsync(cancellationToken).ConfigureAwait(false)
                ?? throw new CryptographicException("Standard input ended before the agent's certificate, its key and the authority.");
            bundle.Append(line).Append('\n');
            blocks += line.StartsWith("-----END ", StringComparison.Ordinal) ? 1 : 0;
        }

        return Parse(bundle.ToString());
    }

    public void Dispose()
    {
        _certificate.Dispose();
        Authority.Dispose();
    }

    private static AgentCredentials Parse(string bundle)
    {
        var certificates = new X509Certificate2Collection();
        certificates.ImportFromPem(bundle);
        return certificates.Count >= 2
            ? new AgentCredentials(X509Certificate2.CreateFromPem(bundle, bundle), certificates[^1])
            : throw new CryptographicException("The agent needs its certificate, its key and the authority, in this order.");
    }
}
