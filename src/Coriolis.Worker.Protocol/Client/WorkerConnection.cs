using System.Collections.Concurrent;
using System.Runtime.CompilerServices;

namespace Coriolis.Worker.Protocol;

/// <summary>One connection to an agent: requests run side by side on it, each with its own window.</summary>
internal sealed class WorkerConnection : IAsyncDisposable
{
    // A frame that is on its way is there in a moment, or the network stands still.
    private static readonly TimeSpan s_frameTime = TimeSpan.FromSeconds(1);

    private readonly FrameStream _frames;
    private readonly WorkerClientOptions _options;
    private readonly ConcurrentDictionary<uint, PendingRequest> _pending = new();
    private readonly CancellationTokenSource _closing = new();
    private readonly Task _receiving;
    private readonly Task _beating;
    private uint _lastId;

    private WorkerConnection(FrameStream frames, Welcome welcome, WorkerClientOptions options)
    {
        _frames = frames;
        _options = options;
        Welcome = welcome;
        _receiving = ReceiveAsync();
        _beating = BeatAsync();
    }

    public Welcome Welcome { get; }

    public bool IsBroken => _receiving.IsCompleted;

    /// <summary>Shakes hands on a stream, which the connection then owns.</summary>
    public static async Task<WorkerConnection> OpenAsync(Stream stream, WorkerClientOptions options, CancellationToken cancellationToken)
    {
        var frames = new FrameStream(stream, ProtocolLimits.MaxResponsePayload);
        try
        {
            using var timeout = new CancellationTokenSource(options.HandshakeTimeout, options.TimeProvider);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
            var features = ProtocolFeatures.Zstd | ProtocolFeatures.XxHash3;
            var hello = new Hello(ProtocolLimits.Version, ProtocolLimits.Version, features, options.ControllerName);
            await frames.WriteAsync(hello.ToFrame(), either.Token).ConfigureAwait(false);
            using var answer = await frames.ReadAsync(either.Token).ConfigureAwait(false)
                ?? throw new EndOfStreamException("The agent closed the connection instead of shaking hands.");
            return new WorkerConnection(frames, ReadWelcome(answer), options);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            await frames.DisposeAsync().ConfigureAwait(false);
            throw new TimeoutException($"The agent did not shake hands within {options.HandshakeTimeout}.");
        }
        catch
        {
            await frames.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    public async Task<IReadOnlyList<WorkerDevice>> ListDevicesAsync(CancellationToken cancellationToken)
    {
        using var answer = await AskAsync(FrameType.ListDevices, FrameType.Devices, cancellationToken).ConfigureAwait(false);
        return DeviceList.ReadFrom(answer.OpenPayload());
    }

    public async Task<WorkerHealth> GetHealthAsync(CancellationToken cancellationToken)
    {
        using var answer = await AskAsync(FrameType.Ping, FrameType.Pong, cancellationToken).ConfigureAwait(false);
        return WorkerHealth.ReadFrom(answer.OpenPayload());
    }

    /// <summary>Scans what the cursor still misses; a broken connection ends in an <see cref="IOException"/> between two runs.</summary>
    /// <param name="request">What to scan.</param>
    /// <param name="cursor">Follows the results.</param>
    /// <param name="destination">Where the bytes of a scan of a single chunk may go at once; nothing is written to it once the scan has ended.</param>
    /// <param name="cancellationToken">Cancels the scan on both sides.</param>
    public async IAsyncEnumerable<WorkerChunks> ScanAsync(
        ScanRequest request, ScanCursor cursor, Memory<byte> destination, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var pending = Register(request.WindowBytes, destination.IsEmpty ? null : new OfferedBuffer(destination));
        var isDone = false;
        using var reader = new ScanResultReader(request, cursor);
        try
        {
            await SendAsync(request.ToFrame(pending.Id), cancellationToken).ConfigureAwait(false);
            while (true)
            {
                using var frame = await pending.NextAsync(cancellationToken).ConfigureAwait(false);
                if (frame.Header.Type is FrameType.Completed or FrameType.Failed)
                {
                    isDone = true;
                    EnsureCompleted(frame, cursor);
                    yield break;
                }

                yield return ReadResult(reader, frame);
                var cost = pending.Settle(frame);
                if (!cursor.IsAtEnd)
                {
                    await GiveCreditAsync(pending.Id, cost, cancellationToken).ConfigureAwait(false);
                }
            }
        }
        finally
        {
            await TakeBackAsync(pending.Offered).ConfigureAwait(false);
            if (!isDone)
            {
                await AbandonAsync(pending).ConfigureAwait(false);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync().ConfigureAwait(false);
        await _frames.DisposeAsync().ConfigureAwait(false);
        await _receiving.ConfigureAwait(false);
        await _beating.ConfigureAwait(false);
        _closing.Dispose();
    }

    private static Welcome ReadWelcome(Frame answer) => answer.Header.Type switch
    {
        FrameType.Welcome when Welcome.ReadFrom(answer.OpenPayload()) is var welcome => welcome.Version == ProtocolLimits.Version
            ? welcome
            : throw new WorkerProtocolException($"The agent speaks version {welcome.Version} of the protocol, not {ProtocolLimits.Version}."),
        FrameType.Failed => throw Failed.ReadFrom(answer.OpenPayload()).ToException(),
        var other => throw new WorkerProtocolException($"The agent answers the handshake with a frame of type 0x{(byte)other:x2}."),
    };

    private static void EnsureCompleted(Frame frame, ScanCursor cursor)
    {
        if (frame.Header.Type == FrameType.Failed)
        {
            throw Failed.ReadFrom(frame.OpenPayload()).ToException();
        }

        var completed = ScanCompleted.ReadFrom(frame.OpenPayload());
        if (completed.Cancelled || !cursor.IsAtEnd)
        {
            throw new WorkerProtocolException("The agent ended a scan before its last chunk.");
        }
    }

    private WorkerChunks ReadResult(ScanResultReader reader, Frame frame)
    {
        try
        {
            return reader.Read(frame);
        }
        catch (WorkerProtocolException)
        {
            _closing.Cancel();
            throw;
        }
    }

    private async Task<Frame> AskAsync(FrameType question, FrameType expected, CancellationToken cancellationToken)
    {
        var pending = Register(windowBytes: 0);
        try
        {
            await SendAsync(new FrameBuilder(question, pending.Id).Complete(), cancellationToken).ConfigureAwait(false);
            var answer = await pending.NextAsync(cancellationToken).ConfigureAwait(false);
            if (answer.Header.Type == expected)
            {
                return answer;
            }

            using (answer)
            {
                throw answer.Header.Type == FrameType.Failed
                    ? Failed.ReadFrom(answer.OpenPayload()).ToException()
                    : new WorkerProtocolException($"The agent answers {question} with a frame of type 0x{(byte)answer.Header.Type:x2}.");
            }
        }
        finally
        {
            pending.Abandon();
        }
    }

    private PendingRequest Register(int windowBytes, OfferedBuffer? offered = null)
    {
        var pending = new PendingRequest(Interlocked.Increment(ref _lastId), windowBytes, offered);
        _pending[pending.Id] = pending;
        if (IsBroken)
        {
            pending.Fail(ConnectionLost(null));
        }

        return pending;
    }

    private async ValueTask SendAsync(ReadOnlyMemory<byte> frame, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        try
        {
            await _frames.WriteAsync(frame, _closing.Token).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is OperationCanceledException or ObjectDisposedException)
        {
            throw ConnectionLost(exception);
        }
    }

    /// <summary>A connection that broke meanwhile is no reason to lose what has already arrived: the queue reports it after that.</summary>
    private async ValueTask GiveCreditAsync(uint requestId, int cost, CancellationToken cancellationToken)
    {
        try
        {
            await SendAsync(new FrameBuilder(FrameType.Credit, requestId).Int32(cost).Complete(), cancellationToken).ConfigureAwait(false);
        }
        catch (IOException)
        {
            // See above.
        }
    }

    private async ValueTask AbandonAsync(PendingRequest pending)
    {
        pending.Abandon();
        try
        {
            await SendAsync(new FrameBuilder(FrameType.Cancel, pending.Id).Complete(), CancellationToken.None).ConfigureAwait(false);
        }
        catch (IOException)
        {
            // The connection is gone, and with it the request.
        }
    }

    /// <summary>Makes sure that the connection's reader is out of a caller's buffer; if need be by closing the connection.</summary>
    private async ValueTask TakeBackAsync(OfferedBuffer? offered)
    {
        var released = offered?.TakeBackAsync() ?? Task.CompletedTask;
        if (released.IsCompleted)
        {
            return;
        }

        await released.WaitAsync(s_frameTime, _options.TimeProvider, CancellationToken.None).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        try
        {
            if (!released.IsCompleted)
            {
                await _closing.CancelAsync().ConfigureAwait(false);
            }
        }
        catch (ObjectDisposedException)
        {
            // The connection has been closed meanwhile.
        }

        await released.ConfigureAwait(false);
    }

    /// <summary>Keeps the agent's lease alive, and notices an agent that no longer answers although its connection stands.</summary>
    private async Task BeatAsync()
    {
        if (Welcome.Lease <= TimeSpan.Zero)
        {
            return;
        }

        try
        {
            while (true)
            {
                await Task.Delay(Welcome.Lease / 3, _options.TimeProvider, _closing.Token).ConfigureAwait(false);
                using var timeout = new CancellationTokenSource(Welcome.Lease, _options.TimeProvider);
                await GetHealthAsync(timeout.Token).ConfigureAwait(false);
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or IOException or WorkerRequestException)
        {
            await _closing.CancelAsync().ConfigureAwait(false);
        }
    }

    private async Task ReceiveAsync()
    {
        Exception? cause = null;
        Func<FrameHeader, OfferedBuffer?> claim = Claim;
        try
        {
            while (await _frames.ReadAsync(claim, _closing.Token).ConfigureAwait(false) is { } frame)
            {
                Dispatch(frame);
            }
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException or ObjectDisposedException)
        {
            cause = exception;
        }

        await _closing.CancelAsync().ConfigureAwait(false);
        foreach (var id in _pending.Keys)
        {
            if (_pending.TryRemove(id, out var pending))
            {
                pending.Fail(ConnectionLost(cause));
            }
        }
    }

    private OfferedBuffer? Claim(FrameHeader header) =>
        header.Type == FrameType.Data
        && _pending.TryGetValue(header.RequestId, out var pending)
        && pending.Offered is { } offered
        && offered.TryClaim(header.PayloadLength - ScanResults.DataPrefixSize) ? offered : null;

    private void Dispatch(Frame frame)
    {
        if (frame.Header.RequestId == 0)
        {
            using (frame)
            {
                throw frame.Header.Type == FrameType.Failed
                    ? new WorkerProtocolException(Failed.ReadFrom(frame.OpenPayload()).Message)
                    : frame.OpenPayload().Malformed("no request that it answers");
            }
        }

        var isLast = frame.Header.Type is not (FrameType.Digests or FrameType.Zeros or FrameType.Data or FrameType.Unreadable);
        if (!_pending.TryGetValue(frame.Header.RequestId, out var pending))
        {
            using (frame)
            {
                throw frame.OpenPayload().Malformed($"request {frame.Header.RequestId}, which is not open");
            }
        }

        if (isLast)
        {
            _pending.TryRemove(frame.Header.RequestId, out _);
        }

        pending.Accept(frame, isLast);
    }

    private static IOException ConnectionLost(Exception? cause) =>
        cause is WorkerProtocolException violation ? violation : new IOException($"The connection to the agent is lost: {cause?.Message ?? "the agent closed it"}.", cause);
}
