using Coriolis.Morphing.Native;

namespace Coriolis.Morphing.Staging;

/// <summary>All that makes one entry of a file system what it is, except the bytes of a regular file, whose digest stands for them.</summary>
internal sealed record FileState
{
    // Attributes of the overlay itself say how it is stacked, not what the file is.
    private const string OverlayPrefix = "trusted.overlay.";

    private const string LabelAttribute = "security.selinux";

    public required GuestFileKind Kind { get; init; }

    public required ushort ModeAndType { get; init; }

    public required uint User { get; init; }

    public required uint Group { get; init; }

    public required TimeSpec Modified { get; init; }

    public long SizeBytes { get; init; }

    /// <summary>SHA-256 of a regular file, in lower-case hexadecimal digits.</summary>
    public string? Sha256 { get; init; }

    public string? LinkTarget { get; init; }

    public (uint Major, uint Minor) Device { get; init; }

    public required IReadOnlyDictionary<string, byte[]> Attributes { get; init; }

    /// <summary>The label that SELinux goes by.</summary>
    public byte[]? Label => Attributes.GetValueOrDefault(LabelAttribute);

    public UnixFileMode Mode => (UnixFileMode)(ModeAndType & 0xfff);

    public static readonly IReadOnlyDictionary<string, byte[]> NoAttributes = new Dictionary<string, byte[]>();

    /// <summary>What a guest sees of a file's attributes.</summary>
    public static IReadOnlyDictionary<string, byte[]> WithoutOverlay(IReadOnlyDictionary<string, byte[]> attributes) => attributes
        .Where(pair => !pair.Key.StartsWith(OverlayPrefix, StringComparison.Ordinal))
        .ToDictionary(pair => pair.Key, pair => pair.Value, StringComparer.Ordinal);

    public static FileState? Read(DirectoryDescriptor parent, string name)
    {
        if (parent.GetStatus(name) is not { } status)
            return null;

        return new()
        {
            Kind = status.Kind,
            ModeAndType = status.ModeAndType,
            User = status.User,
            Group = status.Group,
            Modified = status.Modified,
            SizeBytes = status.Kind == GuestFileKind.Regular ? status.Length : 0,
            Sha256 = status.Kind == GuestFileKind.Regular ? FileContent.Digest(parent, name) : null,
            LinkTarget = status.Kind == GuestFileKind.SymbolicLink ? parent.ReadLink(name) : null,
            Device = (status.RepresentedMajor, status.RepresentedMinor),
            Attributes = WithoutOverlay(ExtendedAttributes.Read($"{parent.Path}/{name}")),
        };
    }

    /// <summary>The same entry with another label.</summary>
    /// <remarks>
    /// The label of an entry that a program of the guest has made says nothing: no policy is loaded where it ran, or that of the host. The
    /// entry has the label of what it replaces, and a new one that of its directory, as a running guest would do by default.
    /// </remarks>
    public FileState WithLabel(byte[]? label)
    {
        var attributes = Attributes.Where(pair => pair.Key != LabelAttribute).ToDictionary(StringComparer.Ordinal);
        if (label is not null)
            attributes[LabelAttribute] = label;
        return this with { Attributes = attributes };
    }

    /// <summary>Whether two entries are the same for the guest; when they were written does not count.</summary>
    public bool IsSameAs(FileState other) =>
        ModeAndType == other.ModeAndType
        && (User, Group, SizeBytes, Sha256, LinkTarget) == (other.User, other.Group, other.SizeBytes, other.Sha256, other.LinkTarget)
        && (Kind != GuestFileKind.Special || Device == other.Device)
        && Attributes.Count == other.Attributes.Count
        && Attributes.All(pair => other.Attributes.TryGetValue(pair.Key, out var value) && value.AsSpan().SequenceEqual(pair.Value));
}
