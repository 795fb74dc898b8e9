using Coriolis.Providers;
using Coriolis.Storage;

namespace Coriolis.Replication;

/// <summary>The manifest files of one disk, and the order in which one becomes another.</summary>
/// <remarks>draft → (sealed, durable) pending → (the destination has recorded its root) committed.</remarks>
internal sealed class DiskManifests(string directory, ReplicaIdentity replica, string diskId)
{
    public const string CommittedSuffix = ".manifest";
    public const string PendingSuffix = ".pending";
    private const string DraftSuffix = ".draft";

    private string Committed => Path.Combine(directory, diskId + CommittedSuffix);

    private string Pending => Path.Combine(directory, diskId + PendingSuffix);

    private string Draft => Path.Combine(directory, diskId + DraftSuffix);

    /// <summary>Commits a manifest that an interrupted execution left pending when the destination has recorded it; else removes it.</summary>
    public void SettlePending(DestinationContent content)
    {
        if (File.Exists(Pending) && content.Kind == DestinationContentKind.Committed && IsRootOf(Pending, content.ContentRoot))
        {
            Publish();
        }

        File.Delete(Draft);
        File.Delete(Pending);
    }

    /// <summary>Opens the committed manifest, after <see cref="SettlePending"/>.</summary>
    /// <returns>The manifest, or <see langword="null"/> when there is none.</returns>
    /// <exception cref="IntegrityException">The committed manifest is corrupt.</exception>
    /// <exception cref="ReplicaStateException">The committed manifest belongs to something else.</exception>
    public ManifestFile? OpenBaseline(DestinationContent content)
    {
        SettlePending(content);
        if (!File.Exists(Committed))
        {
            return null;
        }

        var manifest = ManifestFile.Open(Committed);
        try
        {
            Check("replica", manifest.Info.ReplicaId, replica.ReplicaId);
            Check("instance", manifest.Info.InstanceId, replica.InstanceId);
            Check("disk", manifest.Info.DiskId, diskId);
            return manifest;
        }
        catch
        {
            manifest.Dispose();
            throw;
        }
    }

    /// <summary>Reads what the committed manifest is about, without verifying the rest of it.</summary>
    public DiskManifestInfo ReadInfo() => ManifestFile.ReadInfo(Committed);

    public ManifestDraft CreateDraft(DiskManifestInfo info, ManifestFile? baseline, CancellationToken cancellationToken) =>
        ManifestDraft.Create(Draft, info, baseline, cancellationToken);

    /// <summary>Seals a draft and makes it the pending manifest, durably.</summary>
    public ManifestFile Seal(ManifestDraft draft, CancellationToken cancellationToken)
    {
        draft.Seal(cancellationToken);
        DurableFile.Rename(Draft, Pending);
        return ManifestFile.Open(Pending);
    }

    /// <summary>Makes the pending manifest the committed one, durably. The destination must have recorded its root.</summary>
    public void Publish() => DurableFile.Rename(Pending, Committed);

    private static bool IsRootOf(string path, ChunkDigest root)
    {
        try
        {
            using var manifest = ManifestFile.Open(path);
            return manifest.ContentRoot == root;
        }
        catch (IntegrityException)
        {
            return false;
        }
    }

    private void Check(string what, string actual, string expected)
    {
        if (actual != expected)
        {
            throw StateErrors.Foreign(Committed, what, actual, expected);
        }
    }
}
