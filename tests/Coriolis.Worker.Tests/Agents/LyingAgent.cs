using System.Net;
using System.Net.Sockets;
using Coriolis.Worker.Protocol;

namespace Coriolis.Worker.Tests;

/// <summary>Something that speaks the agent's protocol, or nearly. It serves every connection in the same way, without TLS.</summary>
internal sealed class LyingAgent : IAsyncDisposable
{
    private readonly CancellationTokenSource _stopping = new();
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly Func<FrameStream, Stream, Task> _serve;
    private readonly Task _serving;

    public LyingAgent(Func<FrameStream, Stream, Task> serve)
    {
        _serve = serve;
        _listener.Start();
        _serving = ServeAsync();
    }

    public static ReadOnlyMemory<byte> Welcome { get; } =
        new Welcome(ProtocolLimits.Version, ProtocolFeatures.Zstd, Guid.Empty, TimeSpan.Zero, 1, "1.0").ToFrame();

    /// <summary>A client that takes a lost connection for the end.</summary>
    public WorkerClient CreateClient(TimeProvider? timeProvider = null) => new(
        ConnectAsync,
        new WorkerClientOptions { Connections = 1, ReconnectTimeout = TimeSpan.Zero, TimeProvider = timeProvider ?? TimeProvider.System });

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _serving;
        _listener.Dispose();
        _stopping.Dispose();
    }

    private async Task<Stream> ConnectAsync(CancellationToken cancellationToken)
    {
        var client = new TcpClient { NoDelay = true };
        await client.ConnectAsync((IPEndPoint)_listener.LocalEndpoint, cancellationToken);
        return client.GetStream();
    }

    private async Task ServeAsync()
    {
        try
        {
            while (true)
            {
                using var connection = await _listener.AcceptTcpClientAsync(_stopping.Token);
                var stream = connection.GetStream();
                try
                {
                    await _serve(new FrameStream(stream, ProtocolLimits.MaxRequestPayload), stream);
                }
                catch (IOException)
                {
                    // The client has seen enough.
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The test is over.
        }
    }
}
