namespace Coriolis.Worker;

/// <summary>One partition as the kernel and udev know it.</summary>
internal sealed record Partition(string Name, long StartSector, long Sectors, long AlignmentOffset, string Uuid, string FileSystem);
