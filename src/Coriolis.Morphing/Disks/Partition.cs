namespace Coriolis.Morphing.Disks;

/// <summary>A part of a disk that a partition table names.</summary>
/// <param name="Number">The number that the guest's kernel gives it: <c>1</c> in <c>/dev/xvda1</c>.</param>
/// <param name="Offset">Where it starts, in bytes.</param>
/// <param name="Length">How long it is, in bytes.</param>
/// <param name="Uuid">What the guest writes after <c>PARTUUID=</c>.</param>
/// <param name="Label">What the guest writes after <c>PARTLABEL=</c>; <see langword="null"/> when it has none.</param>
internal sealed record Partition(int Number, long Offset, long Length, string Uuid, string? Label);
