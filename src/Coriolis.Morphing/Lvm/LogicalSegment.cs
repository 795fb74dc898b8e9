using Coriolis.Morphing.Disks;

namespace Coriolis.Morphing.Lvm;

/// <summary>A piece of a logical volume.</summary>
/// <param name="Length">How long it is, in bytes.</param>
/// <param name="StripeBytes">How many bytes go to one stripe before the next; 0 when there is only one.</param>
/// <param name="Stripes">Where its bytes are: offsets in physical volumes, in bytes.</param>
internal sealed record LogicalSegment(long Length, long StripeBytes, IReadOnlyList<(GuestVolume Volume, long Offset)> Stripes);
