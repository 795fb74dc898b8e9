using Microsoft.Win32.SafeHandles;

namespace Coriolis.Destinations;

/// <summary>A second handle of a raw disk whose writes go past the page cache (<c>O_DIRECT</c>).</summary>
/// <remarks>
/// A replica is written once and not read again soon: through the page cache every byte would be copied once more, push out what the
/// machine does read, and wait for the flush at the commit. Thread safe.
/// </remarks>
internal sealed class UncachedFile : IDisposable
{
    // What offset, length and memory must be multiples of: the largest logical block that disks have.
    private const int Alignment = 4096;

    private readonly SafeFileHandle _handle;
    private volatile bool _isRefused;

    private UncachedFile(SafeFileHandle handle)
    {
        _handle = handle;
    }

    /// <summary>Opens it.</summary>
    /// <returns>It, or <see langword="null"/> when the platform or the file system has no such thing.</returns>
    public static UncachedFile? TryOpen(SafeFileHandle file) => NativeFile.TryOpenUncached(file) is { } handle ? new UncachedFile(handle) : null;

    /// <summary>Writes a piece.</summary>
    /// <returns>False, and nothing written, when the piece is not aligned or the file system refuses it.</returns>
    /// <exception cref="IOException">The write failed.</exception>
    public unsafe bool TryWrite(ReadOnlySpan<byte> data, long offset)
    {
        // Pinned over the write: a buffer that the collector moves is not aligned any more.
        fixed (byte* address = data)
        {
            if (_isRefused || ((nuint)address % Alignment) != 0 || offset % Alignment != 0 || data.Length % Alignment != 0)
            {
                return false;
            }

            try
            {
                RandomAccess.Write(_handle, data, offset);
                return true;
            }
            catch (IOException e) when (e.HResult == NativeFile.ErrorInvalid)
            {
                _isRefused = true;
                return false;
            }
        }
    }

    public void Dispose() => _handle.Dispose();
}
