using System.ComponentModel;
using Coriolis.Providers;
using Microsoft.Win32.SafeHandles;

namespace Coriolis.Destinations;

/// <summary>Opens a block device that the options give to a disk.</summary>
internal static class RawBlockDevice
{
    public static RawTarget Open(string path, RawMarkerFile marker, DiskDescriptor disk)
    {
        if (!NativeFile.IsBlockDevice(path))
        {
            throw new DestinationException($"'{path}', meant for disk {disk.DiskId}, is not a block device.")
            {
                ResourceId = path,
                Remedy = "Give the path of a block device, or none to write a file.",
            };
        }

        // A marker of another replica is refused here; a device without one was given on purpose.
        var reason = !marker.Exists ? "the block device was not written before"
            : marker.Read().State == RawMarkerState.Clean ? "a block device does not show whether it was modified since the last commit"
            : "an execution was interrupted";
        var handle = OpenExclusively(path, disk);
        var size = NativeFile.GetSize(handle);
        if (size >= disk.SizeBytes)
        {
            return new RawTarget(path, handle, DestinationContent.Unknown(reason)) { IsFile = false };
        }

        handle.Dispose();
        throw new DestinationException($"The block device '{path}' has {size} bytes, and disk {disk.DiskId} has {disk.SizeBytes}.")
        {
            ResourceId = path,
            Remedy = "Give a device that is at least as large as the disk.",
        };
    }

    private static SafeFileHandle OpenExclusively(string path, DiskDescriptor disk)
    {
        try
        {
            return NativeFile.OpenExclusively(path);
        }
        catch (Win32Exception e)
        {
            throw e.NativeErrorCode == NativeFile.ErrorBusy ? RawErrors.InUse(path, disk, e) : RawErrors.CannotOpen(path, disk, e);
        }
    }
}
