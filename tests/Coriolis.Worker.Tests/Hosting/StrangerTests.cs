using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;
using Coriolis.Worker.Protocol;

namespace Coriolis.Worker.Tests;

/// <summary>Who does not belong to the run gets nothing from the agent, and gives nothing to the controller.</summary>
public sealed class StrangerTests
{
    private ImageFile _image = null!;
    private AgentProcess _agent = null!;

    [SetUp]
    public async Task StartAsync()
    {
        _image = new ImageFile("1");
        _agent = await AgentProcess.StartAsync([_image.Path]);
    }

    [TearDown]
    public async Task StopAsync()
    {
        await _agent.DisposeAsync();
        _image.Dispose();
    }

    [Test]
    public async Task Connect_WithCertificatesOfAnotherRun_IsRefusedByBothSides()
    {
        var stranger = _agent.Endpoint with { Certificates = AgentEndpoint.CreateCertificates() };

        Assert.ThrowsAsync<AuthenticationException>(() => stranger.ConnectAsync(CancellationToken.None));

        await AssertServedAsync();
    }

    [Test]
    public async Task Connect_WithAStrangersClientCertificate_IsRefusedByTheAgent()
    {
        var other = AgentEndpoint.CreateCertificates();
        var mixed = _agent.Endpoint.Certificates with { ClientCertificate = other.ClientCertificate, ClientKey = other.ClientKey };
        var stranger = _agent.Endpoint with { Certificates = mixed };

        using var http = stranger.CreateHttpClient();

        Assert.That(async () => await http.GetStringAsync("/api/v1/dev"), Throws.InstanceOf<HttpRequestException>());
        Assert.That(async () => await SayHelloAsync(stranger), Throws.InstanceOf<IOException>());
        await AssertServedAsync();
    }

    [Test]
    public async Task Connect_WithoutCertificate_IsRefusedByTheAgent()
    {
        await using var tls = new SslStream(await _agent.Endpoint.ConnectSocketAsync());
        var options = AgentEndpoint.CreateTlsOptions(_agent.Endpoint.Certificates);
        options.ClientCertificates = [];
        options.TargetHost = "127.0.0.1";

        Assert.That(
            async () =>
            {
                await tls.AuthenticateAsClientAsync(options);
                await tls.WriteAsync("GET /api/v1/dev HTTP/1.1\r\n\r\n"u8.ToArray());
                await tls.ReadExactlyAsync(new byte[1]);
            },
            Throws.InstanceOf<IOException>().Or.InstanceOf<AuthenticationException>());
        await AssertServedAsync();
    }

    [Test]
    public async Task Connect_OverPlainTcpOrNotAtAll_DoesNotDisturbTheAgent()
    {
        for (var i = 0; i < 100; i++)
        {
            await using var plain = await _agent.Endpoint.ConnectSocketAsync();
            if (i % 2 == 0)
            {
                await plain.WriteAsync(Encoding.ASCII.GetBytes("GET /api/v1/dev HTTP/1.1\r\n\r\n"));
            }
            else
            {
                // A reset in place of an orderly end.
                plain.Socket.LingerState = new LingerOption(enable: true, seconds: 0);
            }
        }

        await AssertServedAsync();
    }

    [Test]
    public async Task Connect_WithOurProtocol_IsTls13()
    {
        await using var stream = await _agent.Endpoint.ConnectAsync(CancellationToken.None);

        Assert.That(((SslStream)stream).SslProtocol, Is.EqualTo(SslProtocols.Tls13));
        Assert.That(((SslStream)stream).IsMutuallyAuthenticated, Is.True);
    }

    [Test]
    public async Task Connect_ToAnAgentOfAnotherRun_IsRefusedByTheController()
    {
        await using var other = await AgentProcess.StartAsync([_image.Path]);
        var mistaken = other.Endpoint with { Certificates = _agent.Endpoint.Certificates };

        Assert.ThrowsAsync<AuthenticationException>(() => mistaken.ConnectAsync(CancellationToken.None));
    }

    private static async Task SayHelloAsync(AgentEndpoint endpoint)
    {
        await using var frames = new FrameStream(await endpoint.ConnectAsync(CancellationToken.None), ProtocolLimits.MaxResponsePayload);
        await frames.WriteAsync(new Hello(1, 1, ProtocolFeatures.None, "stranger").ToFrame(), CancellationToken.None);
        using var answer = await frames.ReadAsync(CancellationToken.None);
        if (answer is null)
        {
            throw new EndOfStreamException();
        }
    }

    private async Task AssertServedAsync()
    {
        await using var client = _agent.CreateClient();
        Assert.That(await client.ListDevicesAsync(), Has.Count.EqualTo(1));
    }
}
