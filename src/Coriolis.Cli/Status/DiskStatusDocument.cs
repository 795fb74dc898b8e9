using Coriolis.Replication;

namespace Coriolis.Cli;

/// <summary>One disk in what <c>status --json</c> prints.</summary>
internal sealed record DiskStatusDocument(
    string DiskId, long SizeBytes, DateTimeOffset? PointInTime, string? Stage, long PositionBytes, long TransferredBytes)
{
    public static DiskStatusDocument From(ReplicaDisk disk) =>
        new(disk.DiskId, disk.SizeBytes, disk.PointInTime, disk.Stage, disk.PositionBytes, disk.TransferredBytes);
}
