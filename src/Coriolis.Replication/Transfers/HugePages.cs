using System.Buffers;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Coriolis.Replication;

/// <summary>A piece of memory outside the managed heap that the kernel may back with huge pages.</summary>
/// <remarks>
/// What is written past the page cache is looked up and locked page by page, and goes to the disk in as many segments: a huge page is one. The
/// memory is freed when nothing refers to it any more, and not before: a read that was given up may still be filling it.
/// </remarks>
internal sealed unsafe partial class HugePages : MemoryManager<byte>
{
    /// <summary>Bytes of a huge page, of which the address is a multiple.</summary>
    public const int PageSize = 2 * 1024 * 1024;

    private const int AdviseHugePage = 14;

    private readonly NativeBlock _block;
    private readonly int _length;

    public HugePages(int length)
    {
        _length = length;
        _block = new NativeBlock(length);
        if (OperatingSystem.IsLinux())
        {
            // Only advice: a kernel without huge pages, or out of them, takes small ones.
            _ = Advise(_block.Start, (nuint)length, AdviseHugePage);
        }
    }

    public override Span<byte> GetSpan() => new(_block.Start, _length);

    public override MemoryHandle Pin(int elementIndex = 0) => new(_block.Start + elementIndex, pinnable: this);

    public override void Unpin()
    {
    }

    protected override void Dispose(bool disposing) => _block.Dispose();

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int Advise(byte* start, nuint length, int advice);

    private sealed class NativeBlock : SafeHandleZeroOrMinusOneIsInvalid
    {
        private readonly long _length;

        public NativeBlock(int length)
            : base(ownsHandle: true)
        {
            _length = length;
            SetHandle((nint)NativeMemory.AlignedAlloc((nuint)length, PageSize));
            GC.AddMemoryPressure(length);
        }

        public byte* Start => (byte*)handle;

        protected override bool ReleaseHandle()
        {
            NativeMemory.AlignedFree((void*)handle);
            GC.RemoveMemoryPressure(_length);
            return true;
        }
    }
}
