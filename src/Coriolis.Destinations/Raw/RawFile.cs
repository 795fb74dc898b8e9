using System.Buffers;
using Coriolis.Providers;
using Coriolis.Storage;

namespace Coriolis.Destinations;

/// <summary>Opens the file of a disk, creates it when there is none, and finds out what it holds.</summary>
internal static class RawFile
{
    public static RawTarget Open(string path, RawMarkerFile marker, DiskDescriptor disk)
    {
        if (File.Exists(path))
        {
            return OpenExisting(path, marker, disk);
        }

        var reason = marker.Exists ? "the file was removed since the last execution" : "the file is new";
        if (marker.Exists)
        {
            marker.Read();
        }

        return Create(path, marker, disk, reason);
    }

    private static RawTarget Create(string path, RawMarkerFile marker, DiskDescriptor disk, string reason)
    {
        // The marker first: a crash in between leaves a marker without a file, never a file that nobody owns. One that is there stays as it is:
        // the file that it tells about may only be away for a moment, and of this one it says nothing, since inode or time differ.
        var isMarkerNew = !marker.Exists;
        if (isMarkerNew)
        {
            marker.Write(RawMarkerState.New);
        }

        var handle = DurableFile.CreateNew(path, FileShare.None);
        try
        {
            RandomAccess.SetLength(handle, disk.SizeBytes);
        }
        catch
        {
            handle.Dispose();
            File.Delete(path);
            if (isMarkerNew)
            {
                marker.Delete();
            }

            throw;
        }

        return new RawTarget(path, handle, DestinationContent.Zeroes(reason)) { IsFile = true, IsNew = true, IsMarkerNew = isMarkerNew };
    }

    private static RawTarget OpenExisting(string path, RawMarkerFile marker, DiskDescriptor disk)
    {
        if (!marker.Exists)
        {
            throw new DestinationException($"'{path}' exists and was not written by an execution: it has no marker '{marker.Path}'.")
            {
                ResourceId = path,
                Remedy = "Choose another folder, or move the file away; it is never overwritten.",
            };
        }

        var state = marker.Read();
        var handle = DurableFile.Open(path, FileAccess.ReadWrite, FileShare.None);
        try
        {
            return new RawTarget(path, handle, Judge(state, NativeFile.Identify(handle))) { IsFile = true };
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    private static DestinationContent Judge(RawMarker marker, FileIdentity actual) => marker switch
    {
        { State: not RawMarkerState.Clean } => DestinationContent.Unknown("an execution was interrupted"),
        { File: var file } when file?.Inode != actual.Inode => DestinationContent.Unknown("the file was replaced since the last commit"),
        { File: var file } when file != actual => DestinationContent.Unknown("the file was modified since the last commit"),
        { ContentRoot: { } root } when TryParse(root, out var digest) => DestinationContent.Committed(digest),
        _ => DestinationContent.Unknown("the marker names no content"),
    };

    private static bool TryParse(string text, out ChunkDigest digest)
    {
        Span<byte> bytes = stackalloc byte[ChunkDigest.Size];
        var isWhole = Convert.FromHexString(text, bytes, out _, out var count) == OperationStatus.Done && count == ChunkDigest.Size;
        digest = isWhole ? new ChunkDigest(bytes) : default;
        return isWhole;
    }
}
