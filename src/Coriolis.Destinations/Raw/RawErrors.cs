using Coriolis.Providers;
using Coriolis.Storage;

namespace Coriolis.Destinations;

internal static class RawErrors
{
    public static DestinationException InUse(string path, DiskDescriptor disk, Exception cause) =>
        new($"'{path}' cannot be opened for disk {disk.DiskId}: it is in use.", cause)
        {
            ResourceId = path,
            IsTransient = true,
            Remedy = "End the program that uses it, or unmount it.",
        };

    public static DestinationException Morphed(string path, DiskDescriptor disk) =>
        new($"'{path}' for disk {disk.DiskId} was morphed in place (report {MorphedMarker.ReadReportPath(path)}): it is no copy of its source any more.")
        {
            ResourceId = path,
            ErrorCode = "ReplicaMorphed",
            Remedy = $"Undo the morph with 'coriolis-aws morph --undo', delete '{MorphedMarker.PathFor(path)}' to have the source copied over it,"
                + " or replicate to another folder.",
        };

    public static DestinationException CannotOpen(string path, DiskDescriptor disk, Exception cause) =>
        new($"'{path}' cannot be opened for disk {disk.DiskId}: {cause.Message}", cause)
        {
            ResourceId = path,
            Remedy = cause is ForeignFileException ? ForeignFileException.Remedy : "Choose a place that exists and that this user may write.",
        };

    public static DestinationException Failed(string path, string operation, long offset, long length, Exception cause) =>
        IsFull(cause) ? Full(path, offset, length, cause)
            : new($"'{path}' failed to {operation} {length} bytes at byte {offset}: {cause.Message}", cause) { ResourceId = path };

    // ENOSPC, EDQUOT, EFBIG, and ERROR_DISK_FULL of Windows.
    private static bool IsFull(Exception exception) => exception.HResult is NativeFile.ErrorNoSpace or 122 or 27 or unchecked((int)0x80070070);

    private static DestinationException Full(string path, long offset, long length, Exception cause) =>
        new($"'{path}' is full: {length} bytes at byte {offset} could not be written ({cause.Message}).", cause)
        {
            ResourceId = path,
            ErrorCode = "ENOSPC",
            Remedy = "Free space there or choose another destination; the next execution goes on from what was committed before.",
        };
}
