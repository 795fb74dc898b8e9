namespace Coriolis.Replication;

/// <summary>One disk in <see cref="RunState"/>.</summary>
internal sealed record RunDisk(string DiskId, string Stage, long SizeBytes, long PositionBytes, long TransferredBytes);
