using System.Buffers;
using System.Runtime.InteropServices;

namespace Coriolis.Worker;

/// <summary>
/// Native memory on a page boundary, as direct I/O needs it, with a page before it in which the head of a frame is written, so that head
/// and data leave in one piece.
/// </summary>
internal sealed unsafe class AlignedBuffer : MemoryManager<byte>
{
    public const int PageSize = 4096;

    private readonly int _capacity;
    private byte* _start;

    public AlignedBuffer(int capacity)
    {
        _capacity = capacity;
        _start = (byte*)NativeMemory.AlignedAlloc((nuint)(PageSize + capacity), PageSize);
    }

    /// <summary>The part that disks are read into.</summary>
    public Span<byte> Data => new(_start + PageSize, _capacity);

    /// <summary>Bytes of the data part, preceded by as many bytes of the page before it.</summary>
    public Memory<byte> Slice(int offset, int length) => Memory.Slice(PageSize + offset, length);

    public override Span<byte> GetSpan() => new(_start, PageSize + _capacity);

    public override MemoryHandle Pin(int elementIndex = 0) => new(_start + elementIndex);

    public override void Unpin()
    {
    }

    protected override void Dispose(bool disposing)
    {
        NativeMemory.AlignedFree(_start);
        _start = null;
    }
}
