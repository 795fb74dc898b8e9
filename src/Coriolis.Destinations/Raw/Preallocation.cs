using System.Collections;
using Microsoft.Win32.SafeHandles;

namespace Coriolis.Destinations;

/// <summary>Allocates the space of a new raw file in large pieces ahead of its writes, and gives back what was not written.</summary>
/// <remarks>
/// <para>
/// ext4 holds the lock of a file for as long as a write past the page cache into a hole takes, until the disk has it, so that such writes are one
/// at a time however many threads write; into allocated space they run side by side
/// (<see href="https://github.com/torvalds/linux/blob/v6.12/fs/ext4/file.c">ext4_dio_write_checks</see>).
/// </para>
/// <para>
/// Only for a file that this process has created: of any other it is not known what may be given back. Thread safe. A replica stays sparse: no
/// more than <see cref="MaxOpenWindows"/> windows are allocated beyond what is written, also of a process that is killed.
/// </para>
/// </remarks>
/// <param name="file">The file; it stays the caller's.</param>
/// <param name="size">The size that it has or will have, in bytes.</param>
/// <param name="freeBytes">Tells how many bytes its file system has left.</param>
internal sealed class Preallocation(SafeFileHandle file, long size, Func<long> freeBytes)
{
    /// <summary>What is given back is a multiple of this: the size of a chunk unless configured. Smaller writes allocate for themselves.</summary>
    public const int PieceSize = 512 * 1024;

    /// <summary>What is allocated at once. Each time the file system lets all writes under way come to their end.</summary>
    public const int WindowSize = 128 * PieceSize;

    /// <summary>How many windows may be partly written.</summary>
    public const int MaxOpenWindows = 4;

    /// <summary>Bytes that stay free, so that what is allocated ahead is never what the write of another disk lacks.</summary>
    public const long SpareBytes = 4L * 1024 * 1024 * 1024;

    private readonly Lock _lock = new();
    private readonly List<Window> _open = [];
    private readonly BitArray _isSeen = new(checked((int)((size + WindowSize - 1) / WindowSize)));
    private bool _isRefused;

    /// <summary>Allocates what a write needs and takes note of it; to be called before the write.</summary>
    public void Prepare(long offset, int length)
    {
        lock (_lock)
        {
            for (var index = offset / WindowSize; index * WindowSize < offset + length; index++)
            {
                (Find(index) ?? TryOpen(index, length))?.Mark(offset, offset + length);
            }
        }
    }

    /// <summary>Gives back what was allocated and not written.</summary>
    public void Release()
    {
        lock (_lock)
        {
            _open.ForEach(Trim);
            _open.Clear();
        }
    }

    private Window? Find(long index) => _open.Find(window => window.Index == index);

    private Window? TryOpen(long index, int length)
    {
        if (_isRefused || length < PieceSize || _isSeen[(int)index] || freeBytes() < SpareBytes)
        {
            return null;
        }

        if (_open.Count == MaxOpenWindows)
        {
            Trim(_open[0]);
            _open.RemoveAt(0);
        }

        _isSeen[(int)index] = true;
        var window = new Window(index, Math.Min(WindowSize, size - (index * WindowSize)));
        if (!NativeFile.TryAllocate(file, window.Offset, window.Length))
        {
            // The write says what is wrong, if it fails too.
            _isRefused = true;
            return null;
        }

        _open.Add(window);
        return window;
    }

    private void Trim(Window window)
    {
        foreach (var (offset, length) in window.FindUnwritten())
        {
            NativeFile.TryPunchHole(file, offset, length);
        }
    }

    /// <summary>A window and which of its pieces were written to.</summary>
    private sealed class Window(long index, long length)
    {
        private readonly BitArray _isWritten = new((int)((length + PieceSize - 1) / PieceSize));

        public long Index => index;

        public long Offset => index * WindowSize;

        public long Length => length;

        public void Mark(long offset, long end)
        {
            var first = Math.Max(offset - Offset, 0) / PieceSize;
            for (var piece = (int)first; piece < _isWritten.Length && Offset + ((long)piece * PieceSize) < end; piece++)
            {
                _isWritten[piece] = true;
            }
        }

        public IEnumerable<(long Offset, long Length)> FindUnwritten()
        {
            for (var first = 0; first < _isWritten.Length; first++)
            {
                var end = first;
                while (end < _isWritten.Length && !_isWritten[end])
                {
                    end++;
                }

                if (end > first)
                {
                    yield return (Offset + ((long)first * PieceSize), Math.Min((long)end * PieceSize, length) - ((long)first * PieceSize));
                    first = end;
                }
            }
        }
    }
}
