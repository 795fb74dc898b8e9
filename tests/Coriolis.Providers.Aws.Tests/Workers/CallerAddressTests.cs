using System.Net;
using System.Net.Sockets;
using System.Text;
using Coriolis.Providers.Aws.Workers;

namespace Coriolis.Providers.Aws.Tests.Workers;

public sealed class CallerAddressTests
{
    private TcpListener _service = null!;

    [SetUp]
    public void Listen()
    {
        _service = new(IPAddress.Loopback, 0);
        _service.Start();
    }

    [TearDown]
    public void Close() => _service.Dispose();

    [Test]
    public async Task FindAsync_Address_IsARangeOfOne()
    {
        var answering = AnswerAsync("200 OK", "203.0.113.7\n");

        Assert.That(await Caller().FindAsync(CancellationToken.None), Is.EqualTo("203.0.113.7/32"));
        await answering;
    }

    [TestCase("200 OK", "2001:db8::1\n", "is not an IPv4 address")]
    [TestCase("200 OK", "203.0.113\n", "is not an IPv4 address")]
    [TestCase("200 OK", "", "is not an IPv4 address")]
    [TestCase("503 Service Unavailable", "later", "503")]
    public async Task FindAsync_NoAddress_SaysWhatToSetInstead(string status, string body, string problem)
    {
        var answering = AnswerAsync(status, body);

        Assert.That(
            async () => await Caller().FindAsync(CancellationToken.None),
            Throws.TypeOf<SourceException>().With.Message.Contains(problem).And.Property("Remedy").Contains("worker_allowed_cidr"));
        await answering;
    }

    [Test]
    public async Task FindAsync_WholePage_IsNotReadAndNotQuoted()
    {
        var answering = AnswerAsync("200 OK", $"<html>{new string('x', 100_000)}</html>");

        Assert.That(
            async () => await Caller().FindAsync(CancellationToken.None),
            Throws.TypeOf<SourceException>().With.Message.Length.LessThan(500).And.Property("Remedy").Contains("worker_allowed_cidr"));
        await answering;
    }

    [Test]
    public void FindAsync_NobodyListens_SaysWhatToSetInstead()
    {
        var caller = Caller();
        _service.Stop();

        Assert.That(
            async () => await caller.FindAsync(CancellationToken.None),
            Throws.TypeOf<SourceException>().With.Message.Contains("127.0.0.1").And.Property("Remedy").Contains("worker_allowed_cidr"));
    }

    [Test]
    public void FindAsync_NoAnswer_EndsWithTheAttemptTimeout() => Assert.That(
        async () => await Caller(TimeSpan.FromMilliseconds(100)).FindAsync(CancellationToken.None),
        Throws.TypeOf<SourceException>().With.Property("Remedy").Contains("worker_allowed_cidr"));

    [Test]
    public async Task FindAsync_Cancelled_IsNotTakenForATimeout()
    {
        using var cancellation = new CancellationTokenSource();
        var finding = Caller().FindAsync(cancellation.Token);
        using var connection = await _service.AcceptTcpClientAsync();

        await cancellation.CancelAsync();

        Assert.That(async () => await finding, Throws.InstanceOf<OperationCanceledException>());
    }

    private CallerAddress Caller(TimeSpan? timeout = null) =>
        new(new() { AttemptTimeout = timeout ?? TimeSpan.FromMinutes(1) }, new Uri($"http://{_service.LocalEndpoint}/"));

    private async Task AnswerAsync(string status, string body)
    {
        using var connection = await _service.AcceptTcpClientAsync();
        var stream = connection.GetStream();
        using var request = new StreamReader(stream, Encoding.ASCII);
        while (await request.ReadLineAsync() is { Length: > 0 })
        {
        }

        try
        {
            await stream.WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 {status}\r\nContent-Length: {body.Length}\r\nConnection: close\r\n\r\n{body}"));
        }
        catch (IOException)
        {
            // Who refuses the length of an answer hangs up on the rest of it.
        }
    }
}
