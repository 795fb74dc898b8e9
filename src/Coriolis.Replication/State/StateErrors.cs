using Coriolis.Providers;
using Coriolis.Storage;

namespace Coriolis.Replication;

internal static class StateErrors
{
    public static ReplicaStateException Unreadable(string path, string why, Exception? cause = null) =>
        new($"The state file '{path}' cannot be used: {why}.", cause)
        {
            ResourceId = path,
            Remedy = "Restore it from a backup, or use another state directory; the replica is then copied in full.",
        };

    public static ReplicaStateException Foreign(string path, string what, string actual, string expected) =>
        new($"The state file '{path}' belongs to {what} '{actual}', not '{expected}'.")
        {
            ResourceId = path,
            Remedy = "Somebody moved or copied it; put it back, or use another state directory.",
        };

    public static ReplicaStateException NoResumePoint(string diskId, Exception cause) =>
        new($"How far disk {diskId} is could not be recorded in the state directory: {cause.Message}", cause)
        {
            ResourceId = diskId,
            Remedy = "Free space in the state directory, then run again.",
        };

    /// <summary>Whether an exception comes from the file system. Sources and destinations wrap theirs, so that it is about the state.</summary>
    public static bool IsAboutFiles(Exception error) => error is IOException or UnauthorizedAccessException;

    /// <summary>
    /// Deletes a file whose time is over when what used it is disposed of: one that stays misleads nobody, while an exception would hide the
    /// outcome that there is.
    /// </summary>
    public static void TryDelete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception e) when (IsAboutFiles(e))
        {
            // A later execution replaces the holder of the lock, and removes a journal in which nothing is open.
        }
    }

    public static ReplicaStateException Failed(string resourceId, Exception cause) =>
        new($"The state of {resourceId} cannot be written or read: {cause.Message}", cause)
        {
            ResourceId = resourceId,
            Remedy = cause is ForeignFileException ? ForeignFileException.Remedy
                : "Make room on the disk of the state directory and check that this user may write there, then run again.",
        };

    public static ReplicaStateException Unusable(string directory, Exception cause) =>
        new($"The state directory '{directory}' cannot be used: {cause.Message}", cause)
        {
            ResourceId = directory,
            Remedy = cause is ForeignFileException ? ForeignFileException.Remedy : "Choose a directory that this user may create and write.",
        };

    public static ReplicaStateException OpenToEverybody(string directory) =>
        new($"The state directory '{directory}' cannot be used: every user of this machine may write there.")
        {
            ResourceId = directory,
            Remedy = $"Choose a directory of its own, or 'chmod o-w {directory}'.",
        };

    public static ReplicaStateException InUse(string instanceId, string directory, ReplicaHolder? holder) =>
        new($"Another execution of the replica of {instanceId} is running: {holder?.ToString() ?? "its process is not known"}.")
        {
            ResourceId = directory,
            IsTransient = true,
            Remedy = "Wait until it ends, or stop it.",
        };
}
