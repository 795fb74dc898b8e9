namespace Coriolis.Morphing.Mounting;

/// <summary>A line of the guest's fstab(5).</summary>
/// <param name="Line">Its index in the file.</param>
/// <param name="Device">What is mounted, as written.</param>
/// <param name="MountPoint">Where, with octal escapes resolved and without empty components: a path of the guest, or a word such as <c>none</c>.</param>
/// <param name="Type">The file system's type.</param>
/// <param name="Options">The options, comma separated.</param>
internal sealed record FstabEntry(int Line, string Device, string MountPoint, string Type, string Options)
{
    /// <summary>Whether the mount point is a path that the guest's tree can have.</summary>
    public bool HasPlainMountPoint => MountPoint.StartsWith('/') && !MountPoint.Split('/').Contains("..") && !MountPoint.Contains('\0', StringComparison.Ordinal);

    public string? Option(string name) =>
        Options.Split(',').FirstOrDefault(option => option.StartsWith(name + "=", StringComparison.Ordinal))?[(name.Length + 1)..];

    public static IReadOnlyList<FstabEntry> Parse(string text)
    {
        var entries = new List<FstabEntry>();
        var lines = text.Split('\n');
        for (var index = 0; index < lines.Length; index++)
        {
            var fields = lines[index].Split([' ', '\t', '\r'], StringSplitOptions.RemoveEmptyEntries);
            if (fields.Length >= 3 && fields[0][0] != '#')
                entries.Add(new(index, Unescape(fields[0]), Normalize(Unescape(fields[1])), fields[2], fields.Length > 3 ? fields[3] : "defaults"));
        }

        return entries;
    }

    private static string Normalize(string mountPoint) =>
        mountPoint.StartsWith('/') ? "/" + string.Join('/', mountPoint.Split('/').Where(part => part is not ("" or "."))) : mountPoint;

    private static string Unescape(string field) => field
        .Replace("\\040", " ", StringComparison.Ordinal)
        .Replace("\\011", "\t", StringComparison.Ordinal)
        .Replace("\\134", "\\", StringComparison.Ordinal);
}
