using System.Threading.Channels;

namespace Coriolis.Worker.Protocol;

/// <summary>The frames that answer one request, between the connection's reader and the caller.</summary>
/// <remarks>The queue has no bound of its own: the window bounds the results, and every other answer is a single frame.</remarks>
/// <param name="id">Its id on the connection.</param>
/// <param name="windowBytes">What its results may cost before they are consumed.</param>
/// <param name="offered">Where the bytes of its only chunk may go at once, if there is such a place.</param>
internal sealed class PendingRequest(uint id, int windowBytes, OfferedBuffer? offered = null)
{
    private readonly Channel<Frame> _frames = Channel.CreateUnbounded<Frame>(new UnboundedChannelOptions { SingleReader = true, SingleWriter = true });
    private int _outstanding;
    private volatile bool _abandoned;

    public uint Id => id;

    public OfferedBuffer? Offered => offered;

    /// <summary>Called by the connection's reader. The last frame of a request ends the queue.</summary>
    public void Accept(Frame frame, bool isLast)
    {
        int cost;
        try
        {
            cost = ScanResults.CostOf(frame);
        }
        catch (WorkerProtocolException)
        {
            frame.Dispose();
            throw;
        }

        if (Interlocked.Add(ref _outstanding, cost) > windowBytes)
        {
            frame.Dispose();
            throw new WorkerProtocolException($"The agent sends more than the window of {windowBytes} bytes allows.");
        }

        if (_abandoned || !_frames.Writer.TryWrite(frame))
        {
            frame.Dispose();
            Interlocked.Add(ref _outstanding, -cost);
        }

        if (isLast)
        {
            _frames.Writer.TryComplete();
        }
    }

    public async ValueTask<Frame> NextAsync(CancellationToken cancellationToken)
    {
        while (await _frames.Reader.WaitToReadAsync(cancellationToken).ConfigureAwait(false))
        {
            if (_frames.Reader.TryRead(out var frame))
            {
                return frame;
            }
        }

        throw new WorkerProtocolException("The agent ended a request without an answer.");
    }

    /// <summary>Forgets what a consumed frame cost; the caller then tells the agent.</summary>
    public int Settle(Frame frame)
    {
        var cost = ScanResults.CostOf(frame);
        Interlocked.Add(ref _outstanding, -cost);
        return cost;
    }

    public void Fail(Exception exception) => _frames.Writer.TryComplete(exception);

    /// <summary>Drops what is queued and whatever still comes.</summary>
    public void Abandon()
    {
        _abandoned = true;
        while (_frames.Reader.TryRead(out var frame))
        {
            Settle(frame);
            frame.Dispose();
        }
    }
}
