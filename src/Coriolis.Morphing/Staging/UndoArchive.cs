using System.Formats.Tar;
using System.Globalization;
using Coriolis.Morphing.Guests;
using Coriolis.Morphing.Native;

namespace Coriolis.Morphing.Staging;

/// <summary>A tar file of everything that changes replace or remove, with owners, modes, times and extended attributes.</summary>
/// <remarks>GNU tar and bsdtar can list and extract it, so a guest can be restored by hand as well.</remarks>
internal static class UndoArchive
{
    // How libarchive stores attributes whose values need not be text; the value is base64 there.
    private const string AttributePrefix = "LIBARCHIVE.xattr.";

    // The archive's own time has the resolution of .NET, 100 ns; file systems count single ones.
    private const string ModifiedKey = "CORIOLIS.mtime";

    /// <summary>Writes the archive: parents before what is in them, among them the directories whose only change is their time.</summary>
    public static void Write(Stream archive, GuestTree guest, IReadOnlyList<FileChange> changes, CancellationToken cancellationToken)
    {
        var paths = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var change in changes)
        {
            if (change.Before is not null)
                paths.Add(change.Path);
            if (GuestPath.SplitLast(change.Path).Directory is var parent and not "/")
                paths.Add(parent);
        }

        using var writer = new TarWriter(archive, TarEntryFormat.Pax, leaveOpen: true);
        foreach (var path in paths)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var (parent, name) = guest.OpenParent(path);
            using (parent)
            {
                if (parent is not null && FileState.Read(parent, name) is { } state)
                    WriteEntry(writer, path, parent, name, state);
            }
        }
    }

    /// <summary>Reads the archive in its order; an entry's content is valid until the next one is asked for.</summary>
    public static IEnumerable<(string Path, FileState State, Stream? Content)> Read(Stream archive)
    {
        using var reader = new TarReader(archive, leaveOpen: true);
        while (reader.GetNextEntry() is PaxTarEntry entry)
            yield return ("/" + entry.Name.TrimEnd('/'), ToState(entry), entry.DataStream);
    }

    private static void WriteEntry(TarWriter writer, string path, DirectoryDescriptor parent, string name, FileState state)
    {
        var type = TypeOf(state);
        if (type is null)
            return;

        var extended = state.Attributes.ToDictionary(pair => AttributePrefix + pair.Key, pair => Convert.ToBase64String(pair.Value), StringComparer.Ordinal);
        extended[ModifiedKey] = string.Create(CultureInfo.InvariantCulture, $"{state.Modified.Seconds}.{state.Modified.Nanoseconds:d9}");
        var entry = new PaxTarEntry(type.Value, path[1..], extended)
        {
            Mode = state.Mode,
            Uid = (int)state.User,
            Gid = (int)state.Group,
            ModificationTime = DateTimeOffset.UnixEpoch.AddSeconds(state.Modified.Seconds),
        };
        if (state.LinkTarget is not null)
            entry.LinkName = state.LinkTarget;
        if (type is TarEntryType.CharacterDevice or TarEntryType.BlockDevice)
            (entry.DeviceMajor, entry.DeviceMinor) = ((int)state.Device.Major, (int)state.Device.Minor);

        using var content = state.Kind == GuestFileKind.Regular ? FileContent.OpenRead(parent, name) : null;
        if (content is not null)
            entry.DataStream = content;
        writer.WriteEntry(entry);
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
            LinkTarget = kind == GuestFileKind.SymbolicLink ? entry.LinkName : null,
            Device = isDevice ? ((uint)entry.DeviceMajor, (uint)entry.DeviceMinor) : default,
            Attributes = entry.ExtendedAttributes
                .Where(pair => pair.Key.StartsWith(AttributePrefix, StringComparison.Ordinal))
                .ToDictionary(pair => pair.Key[AttributePrefix.Length..], pair => Convert.FromBase64String(pair.Value), StringComparer.Ordinal),
        };
    }

    private static long ParseNanoseconds(string digits) => long.Parse(digits.PadRight(9, '0')[..9], CultureInfo.InvariantCulture);
}
