using System.Runtime.InteropServices;
using System.Threading.Channels;

namespace Coriolis.Worker;

/// <summary>A fixed number of buffers: the memory that the agent reads into, however many requests run. Waiters are served in turn.</summary>
/// <remarks>
/// All are one piece of memory that the kernel may back with huge pages: with direct I/O it looks up and locks every page of a buffer for every
/// read, and a disk is asked in as many segments, so that small pages more than halve what a disk delivers. Nothing is occupied before it is used.
/// </remarks>
internal sealed unsafe class BufferPool : IDisposable
{
    private const int HugePageSize = 2 * 1024 * 1024;

    private readonly Channel<AlignedBuffer> _free;
    private byte* _memory;

    public BufferPool(int count, int capacity)
    {
        var stride = AlignedBuffer.PageSize + capacity;
        var size = (nuint)checked(count * (long)stride);
        _memory = (byte*)NativeMemory.AlignedAlloc(size, HugePageSize);
        Libc.PreferHugePages(_memory, size);
        _free = Channel.CreateBounded<AlignedBuffer>(count);
        for (var i = 0; i < count; i++)
        {
            _free.Writer.TryWrite(new AlignedBuffer(_memory + ((long)i * stride), capacity));
        }
    }

    public int FreeCount => _free.Reader.Count;

    public ValueTask<AlignedBuffer> RentAsync(CancellationToken cancellationToken) => _free.Reader.ReadAsync(cancellationToken);

    public void Return(AlignedBuffer buffer) => _free.Writer.TryWrite(buffer);

    public void Dispose()
    {
        NativeMemory.AlignedFree(_memory);
        _memory = null;
    }
}
