using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace Coriolis.Worker.Protocol;

/// <summary>Accepts certificates that one authority signed; the system's authorities count for nothing.</summary>
internal static class PinnedAuthority
{
    public static bool Accepts(X509Certificate2 authority, X509Certificate? certificate, SslPolicyErrors errors)
    {
        var fatal = SslPolicyErrors.RemoteCertificateNotAvailable | SslPolicyErrors.RemoteCertificateNameMismatch;
        if (certificate is null || (errors & fatal) != 0)
        {
            return false;
        }

        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.Add(authority);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        using var checkedCertificate = X509CertificateLoader.LoadCertificate(certificate.GetRawCertData());
        return chain.Build(checkedCertificate);
    }
}
