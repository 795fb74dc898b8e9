using System.Formats.Tar;
using System.Globalization;
using System.Text;
using Coriolis.Morphing.Guests;

namespace Coriolis.Morphing.Staging;

/// <summary>A tar file of everything that changes replace or remove, with owners, modes, times and extended attributes.</summary>
/// <remarks>GNU tar and bsdtar can list and extract it, so a guest can be restored by hand as well.</remarks>
internal static class UndoArchive
{
    // How libarchive stores attributes: their names percent-encoded, their values, which need not be text, in base64.
    private const string AttributePrefix = "LIBARCHIVE.xattr.";

    // .NET's reader takes no line end in a name, although the format allows it. Such a name is here in base64.
    private const string PathKey = "CORIOLIS.path";
    private const string TargetKey = "CORIOLIS.linkpath";

    private const string RootName = ".";

    // The archive's own time has the resolution of .NET, 100 ns; file systems count single ones.
    private const string ModifiedKey = "CORIOLIS.mtime";

    /// <summary>What an archive of changes holds: what they replace or remove, and the directories whose only change is their time.</summary>
    /// <returns>The paths, parents before what is in them.</returns>
    public static IReadOnlyCollection<string> PathsOf(IReadOnlyList<FileChange> changes)
    {
        var paths = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var change in changes)
        {
            if (change.Before is not null)
                paths.Add(change.Path);
            paths.Add(GuestPath.SplitLast(change.Path).Directory);
        }

        return paths;
    }

    /// <summary>Writes the archive.</summary>
    public static async Task WriteAsync(Stream archive, IAsyncEnumerable<GuestEntry> entries, CancellationToken cancellationToken)
    {
        var writer = new TarWriter(archive, TarEntryFormat.Pax, leaveOpen: true);
        await using (writer.ConfigureAwait(false))
        {
            await foreach (var entry in entries.WithCancellation(cancellationToken).ConfigureAwait(false))
            {
                if (ToTar(entry) is { } tarEntry)
                    await writer.WriteEntryAsync(tarEntry, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Reads the archive in its order; an entry's content is valid until the next one is asked for.</summary>
    public static IEnumerable<GuestEntry> Read(Stream archive)
    {
        using var reader = new TarReader(archive, leaveOpen: true);
        while (reader.GetNextEntry() is PaxTarEntry entry)
        {
            var name = OwnName(entry, PathKey, entry.Name).TrimEnd('/');
            yield return new(name == RootName ? "/" : "/" + name, ToState(entry), entry.DataStream);
        }
    }

    private static PaxTarEntry? ToTar(GuestEntry source)
    {
        var state = source.State;
        if (TypeOf(state) is not { } type)
            return null;

        var extended = state.Attributes.ToDictionary(
            pair => AttributePrefix + Uri.EscapeDataString(pair.Key), pair => Convert.ToBase64String(pair.Value), StringComparer.Ordinal);
        extended[ModifiedKey] = string.Create(CultureInfo.InvariantCulture, $"{state.Modified.Seconds}.{state.Modified.Nanoseconds:d9}");
        var name = TarName(extended, PathKey, source.Path == "/" ? RootName : source.Path[1..]);
        var target = state.LinkTarget is null ? null : TarName(extended, TargetKey, state.LinkTarget);
        var entry = new PaxTarEntry(type, name, extended)
        {
            Mode = state.Mode,
            Uid = (int)state.User,
            Gid = (int)state.Group,
            ModificationTime = DateTimeOffset.UnixEpoch.AddSeconds(state.Modified.Seconds),
        };
        if (target is not null)
            entry.LinkName = target;
        if (type is TarEntryType.CharacterDevice or TarEntryType.BlockDevice)
            (entry.DeviceMajor, entry.DeviceMinor) = ((int)state.Device.Major, (int)state.Device.Minor);

        if (source.Content is not null)
            entry.DataStream = source.Content;
        return entry;
    }

    // Sockets are remains of a program that ran; nothing needs them back, and tar has no type for them.
    private static TarEntryType? TypeOf(FileState state) => (state.ModeAndType & 0xf000) switch
    {
        0x1000 => TarEntryType.Fifo,
        0x2000 => TarEntryType.CharacterDevice,
        0x4000 => TarEntryType.Directory,
        0x6000 => TarEntryType.BlockDevice,
        0x8000 => TarEntryType.RegularFile,
        0xa000 => TarEntryType.SymbolicLink,
        _ => null,
    };

    private static FileState ToState(PaxTarEntry entry)
    {
        var (kind, type) = entry.EntryType switch
        {
            TarEntryType.Directory => (GuestFileKind.Directory, 0x4000),
            TarEntryType.RegularFile => (GuestFileKind.Regular, 0x8000),
            TarEntryType.SymbolicLink => (GuestFileKind.SymbolicLink, 0xa000),
            TarEntryType.Fifo => (GuestFileKind.Special, 0x1000),
            TarEntryType.CharacterDevice => (GuestFileKind.Special, 0x2000),
            TarEntryType.BlockDevice => (GuestFileKind.Special, 0x6000),
            _ => throw new GuestException($"The undo archive has an entry {entry.Name} of the unknown type {entry.EntryType}."),
        };
        var time = entry.ExtendedAttributes[ModifiedKey].Split('.');
        var isDevice = entry.EntryType is TarEntryType.CharacterDevice or TarEntryType.BlockDevice;
        return new()
        {
            Kind = kind,
            ModeAndType = (ushort)(type | (int)entry.Mode),
            User = (uint)entry.Uid,
            Group = (uint)entry.Gid,
            Modified = new(long.Parse(time[0], CultureInfo.InvariantCulture), time.Length > 1 ? ParseNanoseconds(time[1]) : 0),
            SizeBytes = kind == GuestFileKind.Regular ? entry.Length : 0,
            LinkTarget = kind == GuestFileKind.SymbolicLink ? OwnName(entry, TargetKey, entry.LinkName) : null,
            Device = isDevice ? ((uint)entry.DeviceMajor, (uint)entry.DeviceMinor) : default,
            Attributes = entry.ExtendedAttributes
                .Where(pair => pair.Key.StartsWith(AttributePrefix, StringComparison.Ordinal))
                .ToDictionary(pair => Uri.UnescapeDataString(pair.Key[AttributePrefix.Length..]), pair => Convert.FromBase64String(pair.Value), StringComparer.Ordinal),
        };
    }

    private static string TarName(Dictionary<string, string> extended, string key, string name)
    {
        if (!name.Contains('\n', StringComparison.Ordinal))
            return name;

        extended[key] = Convert.ToBase64String(Encoding.UTF8.GetBytes(name));
        return name.Replace('\n', '?');
    }

    private static string OwnName(PaxTarEntry entry, string key, string name) =>
        entry.ExtendedAttributes.TryGetValue(key, out var own) ? Encoding.UTF8.GetString(Convert.FromBase64String(own)) : name;

    private static long ParseNanoseconds(string digits) => long.Parse(digits.PadRight(9, '0')[..9], CultureInfo.InvariantCulture);
}
