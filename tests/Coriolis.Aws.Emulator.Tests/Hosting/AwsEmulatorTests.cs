using System.Net;

namespace Coriolis.Aws.Emulator.Tests.Hosting;

internal sealed class AwsEmulatorTests
{
    [TestCase("0.0.0.0")]
    [TestCase("192.0.2.1")]
    [TestCase("::")]
    public void StartAsync_OnAddressThatIsNotLoopback_IsRefused(string address)
    {
        var options = new AwsEmulatorOptions { DataDirectory = Path.Combine(Path.GetTempPath(), "unused"), Listen = new IPEndPoint(IPAddress.Parse(address), 0) };

        var error = Assert.ThrowsAsync<ArgumentException>(() => AwsEmulator.StartAsync(options));

        Assert.That(error.Message, Does.Contain("loopback only"));
    }

    [Test]
    public async Task StartAsync_WithTls_ServesTheCertificateItNames()
    {
        await using var emulator = await TestEmulator.StartAsync(static options => options.UseTls = true);
        using var handler = new HttpClientHandler
        {
            ServerCertificateCustomValidationCallback = (_, certificate, _, _) => certificate!.Thumbprint == emulator.Emulator.Certificate!.Thumbprint,
        };
        using var http = new HttpClient(handler);

        using var response = await http.SendAsync(RawRequest.Sign(emulator, "Action=DescribeRegions&Version=2016-11-15", emulator.Time.GetUtcNow()));

        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.OK));
    }
}
