using Coriolis.Morphing.Disks;

namespace Coriolis.Morphing.Lvm;

/// <summary>A logical volume, as pieces of physical ones.</summary>
/// <param name="Group">The name of its group.</param>
/// <param name="Name">Its own name.</param>
/// <param name="Segments">Its pieces, in order.</param>
internal sealed record LogicalVolume(string Group, string Name, IReadOnlyList<LogicalSegment> Segments)
{
    public string FullName => $"{Group}/{Name}";

    /// <summary>The one place where all of the volume is, when it is in one piece.</summary>
    public (GuestVolume Volume, long Offset, long Length)? Contiguous
    {
        get
        {
            if (Segments[0].Stripes is not [var first])
                return null;

            var length = 0L;
            foreach (var segment in Segments)
            {
                if (segment.Stripes is not [var stripe] || stripe.Volume != first.Volume || stripe.Offset != first.Offset + length)
                    return null;
                length += segment.Length;
            }

            return (first.Volume, first.Offset, length);
        }
    }

    /// <summary>Whether the guest means this volume by a path.</summary>
    public bool IsNamed(string device) =>
        device == $"/dev/{Group}/{Name}" || device == $"/dev/mapper/{Escape(Group)}-{Escape(Name)}";

    private static string Escape(string name) => name.Replace("-", "--", StringComparison.Ordinal);
}
