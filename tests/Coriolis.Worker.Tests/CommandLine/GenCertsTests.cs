using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Coriolis.Worker.Protocol;

namespace Coriolis.Worker.Tests;

/// <summary>Certificates as the existing client lets the agent make them, and an agent that runs with them.</summary>
public sealed class GenCertsTests
{
    private static readonly string[] s_names = ["ca-cert.pem", "client-cert.pem", "client-key.pem", "srv-cert.pem", "srv-key.pem"];

    private string _folder = null!;

    [SetUp]
    public async Task CreateAsync()
    {
        _folder = Path.Combine(Directory.CreateTempSubdirectory("coriolis-certs-").FullName, "coriolis-replicator");
        var (exitCode, _, error) = await AgentProcess.RunAsync("", "gen-certs", "-output-dir", _folder, "-certificate-hosts", "127.0.0.1,10.0.0.7,worker.example");
        Assert.That(exitCode, Is.Zero, error);
    }

    [TearDown]
    public void DeleteFolder() => Directory.Delete(Path.GetDirectoryName(_folder)!, recursive: true);

    [Test]
    public void GenCerts_Files_HaveTheNamesOfTheExistingClientAndPrivateKeysArePrivate()
    {
        var modes = Directory.GetFiles(_folder).Order(StringComparer.Ordinal).ToDictionary(path => Path.GetFileName(path), File.GetUnixFileMode);

        const UnixFileMode Owner = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        Assert.That(modes.Keys, Is.EqualTo(s_names));
        Assert.That(modes.Where(pair => pair.Key.Contains("key", StringComparison.Ordinal)).Select(pair => pair.Value), Is.All.EqualTo(Owner));
    }

    [Test]
    public void GenCerts_ServerCertificate_NamesItsHostsAsWhatTheyAre()
    {
        using var server = X509CertificateLoader.LoadCertificateFromFile(Path.Combine(_folder, "srv-cert.pem"));
        var names = server.Extensions.OfType<X509SubjectAlternativeNameExtension>().Single();

        Assert.That(names.EnumerateIPAddresses(), Is.EquivalentTo(new[] { IPAddress.Loopback, IPAddress.Parse("10.0.0.7") }));
        Assert.That(names.EnumerateDnsNames(), Does.Contain("worker.example").And.None.Match("^[0-9.]+$"));
    }

    [TestCase("srv")]
    [TestCase("client")]
    public void GenCerts_Certificate_IsSignedByTheAuthorityAndFitsItsKey(string name)
    {
        using var authority = X509CertificateLoader.LoadCertificateFromFile(Path.Combine(_folder, "ca-cert.pem"));
        using var certificate = X509Certificate2.CreateFromPemFile(Path.Combine(_folder, $"{name}-cert.pem"), Path.Combine(_folder, $"{name}-key.pem"));
        using var chain = new X509Chain { ChainPolicy = { TrustMode = X509ChainTrustMode.CustomRootTrust, CustomTrustStore = { authority }, RevocationMode = X509RevocationMode.NoCheck } };

        Assert.That(chain.Build(certificate), Is.True);
        Assert.That(certificate.HasPrivateKey, Is.True);
        Assert.That(certificate.GetECDsaPublicKey()!.KeySize, Is.EqualTo(256));
    }

    [Test]
    public async Task GenCerts_Again_MakesNewKeysInPlaceOfTheOldOnes()
    {
        var before = await File.ReadAllTextAsync(Path.Combine(_folder, "srv-key.pem"));

        var (exitCode, _, error) = await AgentProcess.RunAsync("", "gen-certs", "--output-dir=" + _folder, "--certificate-hosts=127.0.0.1");

        Assert.That(exitCode, Is.Zero, error);
        Assert.That(await File.ReadAllTextAsync(Path.Combine(_folder, "srv-key.pem")), Is.Not.EqualTo(before));
    }

    [Test]
    public async Task Run_WithTheFilesAndFlagsOfTheExistingClient_ServesIt()
    {
        using var image = new ImageFile("11");
        var client = new WorkerCertificates
        {
            AuthorityCertificate = await ReadAsync("ca-cert.pem"),
            AgentCertificate = "",
            AgentKey = "",
            ClientCertificate = await ReadAsync("client-cert.pem"),
            ClientKey = await ReadAsync("client-key.pem"),
        };
        await using var agent = await AgentProcess.StartWithFilesAsync(
            client,
            "-hash-method=xxhash",
            "-ignore-mounted-disks=true",
            "-listen-port=0",
            "-chunk-size=65536",
            "-watch-devices=true",
            $"-state-file={_folder}/none.json",
            $"-ca-cert={_folder}/ca-cert.pem",
            $"-cert={_folder}/srv-cert.pem",
            $"-key={_folder}/srv-key.pem",
            "-devices",
            image.Path);
        using var http = agent.Endpoint.CreateHttpClient();

        var bytes = await http.GetByteArrayAsync("/device/disk.raw");

        Assert.That(SHA256.HashData(bytes), Is.EqualTo(SHA256.HashData(image.Content)));
        Assert.That(await EndpointTests.PollAsync(http, "/api/v1/dev/disk.raw/checksum"), Does.EndWith("\",\"algorithm\":\"xxhash\"}"));
    }

    private Task<string> ReadAsync(string name) => File.ReadAllTextAsync(Path.Combine(_folder, name));
}
