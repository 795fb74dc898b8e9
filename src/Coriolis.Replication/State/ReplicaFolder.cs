using Coriolis.Providers;

namespace Coriolis.Replication;

/// <summary>Reads the folder of a replica without holding its lock: files in it appear and change as a whole.</summary>
internal static class ReplicaFolder
{
    public const string IdentityName = "replica.json";
    public const string JournalName = "journal";
    public const string JournalSuffix = ".journal";

    /// <summary>
    /// The source references that manifests name, by disk. A committed manifest comes before a pending one: it is the one
    /// that is surely true.
    /// </summary>
    public static Dictionary<string, string> ReadBaselines(string directory)
    {
        var baselines = new Dictionary<string, string>();
        foreach (var info in ReadCommitted(directory).Concat(ReadOwnInfos(directory, DiskManifests.PendingSuffix)))
        {
            baselines.TryAdd(info.DiskId, info.SourceReference);
        }

        return baselines;
    }

    /// <summary>What the committed manifests are about.</summary>
    public static IEnumerable<DiskManifestInfo> ReadCommitted(string directory) => ReadOwnInfos(directory, DiskManifests.CommittedSuffix);

    /// <summary>All source references that a committed or pending manifest names, or a copy that somebody made of one: rather too many than too few.</summary>
    public static IEnumerable<string> ReadSourceReferences(string directory) =>
        ReadInfos(directory, DiskManifests.CommittedSuffix)
            .Concat(ReadInfos(directory, DiskManifests.PendingSuffix))
            .Select(manifest => manifest.Info.SourceReference);

    // A copy under another name is not the manifest of its disk.
    private static IEnumerable<DiskManifestInfo> ReadOwnInfos(string directory, string suffix) =>
        ReadInfos(directory, suffix).Where(manifest => manifest.Name == manifest.Info.DiskId + suffix).Select(manifest => manifest.Info);

    private static IEnumerable<(string Name, DiskManifestInfo Info)> ReadInfos(string directory, string suffix)
    {
        foreach (var path in Directory.EnumerateFiles(directory, "*" + suffix))
        {
            if (TryReadInfo(path) is { } info)
            {
                yield return (Path.GetFileName(path), info);
            }
        }
    }

    // A header that cannot be read names nothing that could be kept; the execution of its disk reports it.
    private static DiskManifestInfo? TryReadInfo(string path)
    {
        try
        {
            return ManifestFile.ReadInfo(path);
        }
        catch (Exception e) when (e is CoriolisException or FileNotFoundException)
        {
            return null;
        }
    }
}
