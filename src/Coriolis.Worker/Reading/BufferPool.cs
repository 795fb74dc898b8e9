using System.Threading.Channels;

namespace Coriolis.Worker;

/// <summary>A fixed number of buffers: the memory that the agent reads into, however many requests run. Waiters are served in turn.</summary>
internal sealed class BufferPool : IDisposable
{
    private readonly Channel<AlignedBuffer?> _free;

    public BufferPool(int count, int capacity)
    {
        Capacity = capacity;
        _free = Channel.CreateBounded<AlignedBuffer?>(count);
        for (var i = 0; i < count; i++)
        {
            _free.Writer.TryWrite(null);
        }
    }

    /// <summary>Size of a buffer: the largest data chunk, and a page more for a range that is not aligned.</summary>
    public int Capacity { get; }

    public int FreeCount => _free.Reader.Count;

    public async ValueTask<AlignedBuffer> RentAsync(CancellationToken cancellationToken) =>
        await _free.Reader.ReadAsync(cancellationToken).ConfigureAwait(false) ?? new AlignedBuffer(Capacity);

    public void Return(AlignedBuffer buffer) => _free.Writer.TryWrite(buffer);

    public void Dispose()
    {
        while (_free.Reader.TryRead(out var buffer))
        {
            (buffer as IDisposable)?.Dispose();
        }
    }
}
