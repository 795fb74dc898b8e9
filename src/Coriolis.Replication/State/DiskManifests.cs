using System.Text.Json;
using Coriolis.Providers;
using Coriolis.Storage;

namespace Coriolis.Replication;

/// <summary>The manifest files of one disk, and the order in which one becomes another.</summary>
/// <remarks>draft → (sealed, durable) pending → (the destination has recorded its root) committed.</remarks>
internal sealed class DiskManifests(string directory, ReplicaIdentity replica, string diskId)
{
    public const string CommittedSuffix = ".manifest";
    public const string PendingSuffix = ".pending";
    private const string ResumePointSuffix = ".resume";
    private const string DraftSuffix = ".draft";

    /// <summary>Whether there is a manifest to settle.</summary>
    public bool HasPending => File.Exists(Pending);

    private string Committed => Path.Combine(directory, diskId + CommittedSuffix);

    private string Pending => Path.Combine(directory, diskId + PendingSuffix);

    private string Draft => Path.Combine(directory, diskId + DraftSuffix);

    private string ResumePoint => Path.Combine(directory, diskId + ResumePointSuffix);

    /// <summary>Removes the resume points of all disks of a replica and then the drafts that they are about.</summary>
    public static void DiscardAll(string directory)
    {
        foreach (var path in Directory.EnumerateFiles(directory, "*" + ResumePointSuffix).ToList())
        {
            File.Delete(path);
            File.Delete(Path.ChangeExtension(path, DraftSuffix));
        }
    }

    /// <summary>
    /// Commits a manifest that an interrupted execution left pending when the destination has recorded it. Else it is a draft
    /// again, and a draft without a resume point is removed.
    /// </summary>
    /// <remarks>
    /// Of a disk that did not change, the committed manifest has the recorded root as well. It stays: its snapshot is only deleted after a
    /// later manifest was published, while that of the pending one is gone when the execution could still release its capture.
    /// </remarks>
    public void SettlePending(DestinationContent content)
    {
        if (HasPending)
        {
            if (content.Kind == DestinationContentKind.Committed && IsRootOf(Pending, content.ContentRoot) && !IsRootOf(Committed, content.ContentRoot))
            {
                Publish();
            }
            else
            {
                DurableFile.Rename(Pending, Draft);
            }
        }

        if (!File.Exists(ResumePoint) || !File.Exists(Draft))
        {
            Discard();
        }
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

    public ManifestDraft CreateDraft(DiskManifestInfo info, ManifestFile? baseline, CancellationToken cancellationToken)
    {
        Discard();
        return ManifestDraft.Create(Draft, info, baseline, cancellationToken);
    }

    /// <summary>Reads how far an interrupted execution is that was copying the same state of the disk.</summary>
    /// <returns>The resume point; <see langword="null"/> when there is none, or its draft is not the one that it was written for.</returns>
    public ResumePoint? FindResumePoint(DiskManifestInfo info)
    {
        if (!File.Exists(ResumePoint) || !File.Exists(Draft))
        {
            return null;
        }

        try
        {
            var point = StateJson.Read(ResumePoint, StateJson.Default.ResumePoint);
            if (point.SourceReference != info.SourceReference || point.SizeBytes != info.SizeBytes || point.ChunkSize != info.ChunkSize
                || point.PositionBytes <= 0 || point.PositionBytes > info.SizeBytes)
            {
                return null;
            }

            using var draft = ManifestDraft.OpenExisting(Draft, info);
            using var digest = new ResumeDigest(draft, point.SourceReference);
            return digest.Compute(ChunksBefore(point, info)) == point.Digest ? point : null;
        }
        catch (ReplicaStateException)
        {
            return null;
        }
    }

    /// <summary>Continues the draft that a resume point is about.</summary>
    public ManifestDraft ResumeDraft(DiskManifestInfo info, ResumePoint point, ManifestFile? baseline, CancellationToken cancellationToken) =>
        ManifestDraft.Resume(Draft, info, ChunksBefore(point, info), baseline, cancellationToken);

    /// <summary>Records durably how far an execution is. The destination and the draft must be durable up to there.</summary>
    public void SaveResumePoint(ResumePoint point) =>
        DurableFile.Write(ResumePoint, JsonSerializer.SerializeToUtf8Bytes(point, StateJson.Default.ResumePoint));

    /// <summary>Seals a draft and makes it the pending manifest, durably.</summary>
    public ManifestFile Seal(ManifestDraft draft, CancellationToken cancellationToken)
    {
        draft.Seal(cancellationToken);
        DurableFile.Rename(Draft, Pending);
        return ManifestFile.Open(Pending);
    }

    /// <summary>Makes the pending manifest the committed one, durably. The destination must have recorded its root.</summary>
    public void Publish()
    {
        DurableFile.Rename(Pending, Committed);
        DurableFile.Delete(ResumePoint);
    }

    private void Discard()
    {
        DurableFile.Delete(ResumePoint);
        File.Delete(Draft);
    }

    private static long ChunksBefore(ResumePoint point, DiskManifestInfo info) => (point.PositionBytes + info.ChunkSize - 1) / info.ChunkSize;

    private static bool IsRootOf(string path, ChunkDigest root)
    {
        try
        {
            using var manifest = ManifestFile.Open(path);
            return manifest.ContentRoot == root;
        }
        catch (Exception e) when (e is IntegrityException or FileNotFoundException)
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
