using Coriolis.Providers;

namespace Coriolis.Replication;

internal static class ManifestErrors
{
    public static IntegrityException Corrupt(string path, string why, Exception? cause = null) =>
        new($"The manifest '{path}' is corrupt: {why}.", cause)
        {
            ResourceId = path,
            Remedy = "The next execution replicates the disk in full and writes a new one; check the file system that holds it.",
        };
}
