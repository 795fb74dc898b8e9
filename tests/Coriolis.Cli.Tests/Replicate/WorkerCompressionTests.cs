using System.Globalization;
using System.Net;
using System.Net.NetworkInformation;
using System.Text;

namespace Coriolis.Cli.Tests;

/// <summary>What goes through a worker's network card with and without compression.</summary>
[CancelAfter(180_000)]
public sealed class WorkerCompressionTests : WorkerTests
{
    private const int Length = 48 << 20;

    // Requests and encryption add a little.
    [TestCase(true, true, 0.0, 0.3, TestName = "Replicate_OfTextWithCompression_TakesLessThanAThirdOfTheNetwork")]
    [TestCase(true, false, 1.0, 1.2, TestName = "Replicate_OfTextWithoutCompression_TakesTheNetworkForEveryByte")]
    [TestCase(false, true, 1.0, 1.2, TestName = "Replicate_OfRandomBytesWithCompression_SendsThemAsTheyAre")]
    public async Task Replicate(bool text, bool compress, double least, double most, CancellationToken cancellationToken)
    {
        var instance = await Account.LaunchAsync("web", dataDisks: 1);
        Account.Write(instance.DataIds[0], 100 << 20, text ? Log() : EmulatedAccount.Pattern(4, Length));

        var received = await ReplicateAsync(compress, cancellationToken);

        await Account.AssertReplicaEqualsSourceAsync(instance);
        await Account.AssertNothingLeftAsync(instance, baselines: true);
        Assert.That((double)received / Length, Is.InRange(least, most));
    }

    /// <returns>How many bytes the worker had sent when everything was committed.</returns>
    private async Task<long> ReplicateAsync(bool compress, CancellationToken cancellationToken)
    {
        NetworkInterface? link = null;
        var received = 0L;
        await using var error = new ReactingWriter(("release", () => received = Math.Max(received, link?.GetIPStatistics().BytesReceived ?? 0)));
        var app = new App(new Terminal(TextWriter.Null, error), TimeProvider.System);
        string[] command = ["replicate", "web", "--to", Account.To, "--state", Account.State];
        var settings = WorkerAccount.Options("worker", ("worker_compression", compress.ToString(CultureInfo.InvariantCulture)));

        var run = app.RunAsync([.. command, .. settings, .. Account.Connection], cancellationToken);
        link = await FindLinkAsync(cancellationToken);

        Assert.That(await run, Is.EqualTo(ExitCode.Done), error.ToString());
        return received;
    }

    /// <summary>The host's end of the link to the worker: what it receives the worker has sent.</summary>
    private async Task<NetworkInterface> FindLinkAsync(CancellationToken cancellationToken)
    {
        await Account.Calls.WaitForAsync(static call => call.Operation == "AttachVolume", cancellationToken);
        var worker = await Workers.FindWorkerAsync(cancellationToken);
        var address = IPAddress.Parse(worker.PublicIpAddress).GetAddressBytes();
        address[3]--;
        return NetworkInterface.GetAllNetworkInterfaces().Single(link =>
            link.GetIPProperties().UnicastAddresses.Any(item => item.Address.Equals(new IPAddress(address))));
    }

    private static byte[] Log()
    {
        var bytes = new byte[Length];
        for (var (at, line) = (0, 0); at < Length; line++)
        {
            var text = Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"2026-11-01T12:00:00Z web-1 GET /item/{line} HTTP/1.1 200 4711\n"));
            text.AsSpan(0, Math.Min(text.Length, Length - at)).CopyTo(bytes.AsSpan(at));
            at += text.Length;
        }

        return bytes;
    }
}
