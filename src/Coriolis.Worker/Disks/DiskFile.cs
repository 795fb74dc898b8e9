using Coriolis.Worker.Protocol;
using Microsoft.Win32.SafeHandles;

namespace Coriolis.Worker;

/// <summary>An opened disk. Reads bypass the page cache where the device allows it, and leave it as it was elsewhere.</summary>
/// <remarks>
/// Safe for concurrent use. Opening and closing a device is dear, so reads that overlap may share the file: whoever shares it disposes it, and the
/// last one closes it.
/// </remarks>
internal sealed class DiskFile : IDisposable
{
    private readonly SafeFileHandle _buffered;
    private readonly SafeFileHandle? _direct;
    private int _users = 1;

    private DiskFile(Disk disk, SafeFileHandle buffered, SafeFileHandle? direct)
    {
        Disk = disk;
        _buffered = buffered;
        _direct = direct;
    }

    public Disk Disk { get; }

    public bool IsDirect => _direct is not null;

    /// <summary>Opens a disk and makes sure that it is still the one that was listed.</summary>
    /// <exception cref="DiskOpenException">It is gone, another one now, or cannot be opened.</exception>
    public static DiskFile Open(Disk disk)
    {
        EnsureIsStill(disk);
        var buffered = Libc.Open(disk.Device.Path, direct: false, out var errorNumber);
        if (buffered.IsInvalid)
        {
            buffered.Dispose();
            throw new DiskOpenException(WorkerFailure.CannotOpen, $"{disk.Device.Path} cannot be opened: errno {errorNumber}.");
        }

        try
        {
            EnsureSize(disk, buffered);
        }
        catch
        {
            buffered.Dispose();
            throw;
        }

        var direct = Libc.Open(disk.Device.Path, direct: true, out _);
        return new DiskFile(disk, buffered, direct.IsInvalid ? null : direct);
    }

    /// <summary>Shares the file for another read of the same disk, after the same checks as for opening it.</summary>
    /// <returns>False when it is closed already, or open for another device or for a file, which may be replaced under its name.</returns>
    /// <exception cref="DiskOpenException">The disk is gone or another one now.</exception>
    public bool TryShare(Disk disk)
    {
        if (disk.Number is null || disk.Number != Disk.Number || !TryAddUser())
        {
            return false;
        }

        try
        {
            EnsureIsStill(disk);
            EnsureSize(disk, _buffered);
            return true;
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Fills an aligned buffer from an aligned offset; fewer bytes only at the end of the disk or before an error.</summary>
    /// <returns>The number of bytes read; the error number when something stopped the read.</returns>
    public (int Count, int ErrorNumber) Read(Span<byte> destination, long offset)
    {
        var file = _direct ?? _buffered;
        var count = 0;
        while (count < destination.Length)
        {
            var read = Libc.Read(file, destination[count..], offset + count, out var errorNumber);
            if (read < 0 && errorNumber == Libc.InvalidArgument && file == _direct)
            {
                // Direct I/O from here on is not possible: an unaligned tail, or a file system that only pretended to allow it.
                file = _buffered;
                continue;
            }

            if (read <= 0)
            {
                return (count, errorNumber);
            }

            count += read;
        }

        if (file == _buffered)
        {
            Libc.DropFromCache(_buffered, offset, destination.Length);
        }

        return (count, 0);
    }

    public void Dispose()
    {
        if (Interlocked.Decrement(ref _users) == 0)
        {
            _direct?.Dispose();
            _buffered.Dispose();
        }
    }

    private static void EnsureIsStill(Disk disk)
    {
        if (Libc.GetBlockDevice(disk.Device.Path) != disk.Number)
        {
            throw new DiskOpenException(WorkerFailure.DeviceChanged, $"{disk.Device.Path} is another device now.");
        }
    }

    private static void EnsureSize(Disk disk, SafeFileHandle file)
    {
        var size = Libc.GetSize(file);
        if (size != disk.SizeBytes)
        {
            throw new DiskOpenException(WorkerFailure.DeviceChanged, $"{disk.Device.Path} has {size} bytes now, not {disk.SizeBytes}.");
        }
    }

    private bool TryAddUser()
    {
        var users = Volatile.Read(ref _users);
        while (users > 0)
        {
            var seen = Interlocked.CompareExchange(ref _users, users + 1, users);
            if (seen == users)
            {
                return true;
            }

            users = seen;
        }

        return false;
    }
}
