using System.Buffers;

namespace Coriolis.Worker;

/// <summary>
/// A page in which the head of a frame is written, and after it memory on a page boundary, as direct I/O needs it, so that head and data leave
/// in one piece. Borrowed from a <see cref="BufferPool"/>, which owns the memory.
/// </summary>
internal sealed unsafe class AlignedBuffer(byte* start, int capacity) : MemoryManager<byte>
{
    public const int PageSize = 4096;

    /// <summary>The part that disks are read into.</summary>
    public Span<byte> Data => new(start + PageSize, capacity);

    /// <summary>Bytes of the data part, preceded by as many bytes of the page before it.</summary>
    public Memory<byte> Slice(int offset, int length) => Memory.Slice(PageSize + offset, length);

    public override Span<byte> GetSpan() => new(start, PageSize + capacity);

    public override MemoryHandle Pin(int elementIndex = 0) => new(start + elementIndex);

    public override void Unpin()
    {
    }

    protected override void Dispose(bool disposing)
    {
    }
}
