using Coriolis.Providers;

namespace Coriolis.Replication;

/// <summary>How one disk is brought up to date, decided from what is known about its destination.</summary>
/// <param name="Mode">Whether the whole disk is considered.</param>
/// <param name="Reason">Why, in one clause for people.</param>
/// <param name="TrustedBytes">Before this byte, the draft says what the destination holds.</param>
/// <param name="CheckDestination">Whether the destination must first be compared with the baseline.</param>
/// <param name="Resumed">Where an interrupted execution is continued; <see langword="null"/> when there is nothing to continue.</param>
internal sealed record DiskPlan(
    ReplicaMode Mode, string Reason, long TrustedBytes, bool CheckDestination = false, ResumePoint? Resumed = null)
{
    /// <summary>The chunks before it are dealt with, unless the destination turns out not to hold them.</summary>
    public long ResumedBytes => Resumed?.PositionBytes ?? 0;

    /// <summary>
    /// Continues an interrupted execution. What it wrote is not taken on trust: it is read back and compared with the draft,
    /// like the rest of a disk in doubt with its baseline.
    /// </summary>
    public DiskPlan Resume(ResumePoint point) => this with
    {
        Reason = $"{Reason}; continued at byte {point.PositionBytes}",
        TrustedBytes = Math.Max(TrustedBytes, point.PositionBytes),
        CheckDestination = true,
        Resumed = point,
    };

    /// <summary>Decides how a disk is replicated.</summary>
    /// <param name="disk">The source disk.</param>
    /// <param name="chunkSize">The chunk size of the new manifest.</param>
    /// <param name="baseline">The committed manifest; <see langword="null"/> when there is none that can be used.</param>
    /// <param name="noBaseline">Why there is none.</param>
    /// <param name="writer">The destination.</param>
    /// <param name="doubt">Whether the destination is not trusted even if it says that it is unchanged.</param>
    /// <exception cref="ReplicaStateException">The disk is smaller than its baseline.</exception>
    public static DiskPlan Decide(
        SourceDisk disk, int chunkSize, IDiskManifest? baseline, string noBaseline, IDiskWriter writer, bool doubt = false)
    {
        if (baseline is null)
        {
            return Full(noBaseline, disk, writer);
        }

        if (baseline.Info.SizeBytes > disk.SizeBytes)
        {
            throw new ReplicaStateException(
                $"Disk {disk.Id} has {disk.SizeBytes} bytes, but its manifest is about {baseline.Info.SizeBytes}: a volume cannot shrink.")
            {
                ResourceId = disk.Id,
                Remedy = "Replicate to another state directory and destination.",
            };
        }

        if (baseline.Info.ChunkSize != chunkSize)
        {
            return Full($"the chunk size changed from {baseline.Info.ChunkSize} to {chunkSize} bytes", disk, writer);
        }

        var isGrown = baseline.Info.SizeBytes < disk.SizeBytes;
        var trusted = isGrown ? baseline.Info.SizeBytes / chunkSize * chunkSize : disk.SizeBytes;
        var grown = isGrown ? $", grown from {baseline.Info.SizeBytes} bytes" : "";
        return writer.Content switch
        {
            { Kind: DestinationContentKind.Zeroes } content => Full(content.Reason, disk, writer),
            { Kind: DestinationContentKind.Committed } content when content.ContentRoot == baseline.ContentRoot && !doubt =>
                new DiskPlan(ReplicaMode.Incremental, $"the destination is {content.Reason}{grown}", trusted),
            var content when writer.Capabilities.CanReadBack =>
                new DiskPlan(ReplicaMode.Incremental, $"the destination was compared with the baseline: {Doubt(content, baseline)}{grown}", trusted, true),
            var content => Full($"the destination cannot be compared with the baseline: {Doubt(content, baseline)}", disk, writer),
        };
    }

    /// <summary>Only a destination of zeros is trusted without a baseline: the empty draft describes it.</summary>
    private static DiskPlan Full(string reason, SourceDisk disk, IDiskWriter writer) =>
        new(ReplicaMode.Full, reason, writer.Content.Kind == DestinationContentKind.Zeroes ? disk.SizeBytes : 0);

    private static string Doubt(DestinationContent content, IDiskManifest baseline) => content switch
    {
        { Kind: DestinationContentKind.Unknown } => content.Reason,
        _ when content.ContentRoot == baseline.ContentRoot => "that was asked for",
        _ => "it holds another commit than the baseline",
    };
}
