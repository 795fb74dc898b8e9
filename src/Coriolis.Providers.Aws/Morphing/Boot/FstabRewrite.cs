using System.Text.RegularExpressions;

namespace Coriolis.Providers.Aws.Morphing.Boot;

/// <summary>Takes names of EC2's disks out of fstab, and the power to stop the boot from disks that do not come along.</summary>
internal static partial class FstabRewrite
{
    private const string Fstab = "/etc/fstab";

    // Without these a guest does not work; hiding their absence would only move the failure.
    private static readonly string[] s_needed = ["/", "/usr", "/var", "/boot", "/etc"];

    public static async Task RewriteAsync(GuestEditor editor, CancellationToken cancellationToken)
    {
        if (await editor.ReadTextAsync(Fstab, cancellationToken).ConfigureAwait(false) is not { } text)
            return;

        // A bare directory has no file systems to compare with.
        if (editor.Guest.FileSystems.Count == 0)
            return;

        var lines = text.Split('\n').Select(line => CloudInitUnit().Replace(line, "")).ToArray();
        var present = lines.Select(line => Entry().Match(line)).Where(match => match.Success && Find(editor.Guest.FileSystems, match) is not null)
            .Select(match => match.Groups["device"].Value).ToHashSet(StringComparer.Ordinal);
        var rewritten = lines.Select(line => Rewrite(editor, line, present));
        await editor.WriteAsync(Fstab, string.Join('\n', rewritten), GuestEditor.Readable, "disks are named by what is on them", cancellationToken).ConfigureAwait(false);
    }

    private static string Rewrite(GuestEditor editor, string line, HashSet<string> present)
    {
        if (Entry().Match(line) is not { Success: true } match)
            return line;

        var device = match.Groups["device"];
        var type = match.Groups["type"].Value;
        var mountPoint = Normalize(match.Groups["point"].Value);
        if (Find(editor.Guest.FileSystems, match) is { } found)
        {
            return DeviceNames.IsBound(device.Value) && found.Uuid is not null
                ? line[..device.Index] + $"UUID={found.Uuid}" + line[(device.Index + device.Length)..]
                : line;
        }

        var options = match.Groups["options"];
        if (present.Contains(device.Value) || !IsKnownMissing(editor.Guest.FileSystems, device.Value, type) || s_needed.Contains(mountPoint) || options.Value.Split(',').Any(option => option is "nofail" or "noauto"))
            return line;

        editor.Warn($"{device.Value} for {mountPoint} is on none of the disks; the guest boots without it.");
        return options.Success
            ? line[..options.Index] + options.Value + ",nofail" + line[(options.Index + options.Length)..]
            : line.TrimEnd() + " defaults,nofail";
    }

    // Device names are resolved by where the mounted file systems are, and by being the only swap area: the rest would be a guess.
    private static GuestFileSystem? Find(IReadOnlyList<GuestFileSystem> all, Match line) => Split(line.Groups["device"].Value) switch
    {
        ("UUID", var uuid) => all.FirstOrDefault(one => string.Equals(one.Uuid, uuid, StringComparison.OrdinalIgnoreCase)),
        ("LABEL", var label) => all.FirstOrDefault(one => one.Label == label),
        _ when line.Groups["type"].Value == "swap" => all.Where(one => one.Type == "swap").Take(2).ToArray() is [var only] ? only : null,
        _ => all.FirstOrDefault(one => one.MountPoint == Normalize(line.Groups["point"].Value)),
    };

    // Volumes that are not opened may hold any UUID, label or logical volume, but no disk of their own. What a partition's name stands for is
    // known by its being mounted, so it must be of a type that is, and all of that type must be.
    private static bool IsKnownMissing(IReadOnlyList<GuestFileSystem> all, string device, string type) => Split(device).Kind switch
    {
        "UUID" or "LABEL" => !HasContainers(all),
        "PARTUUID" or "PARTLABEL" => type is "ext2" or "ext3" or "ext4" or "xfs" or "btrfs" && all.All(one => !IsAlike(one.Type, type) || one.MountPoint is not null),
        _ => DeviceNames.IsBound(device) || (InContainer().IsMatch(device) && !HasContainers(all)),
    };

    private static bool IsAlike(string type, string other) =>
        type == other || (type.StartsWith("ext", StringComparison.Ordinal) && other.StartsWith("ext", StringComparison.Ordinal));

    private static bool HasContainers(IReadOnlyList<GuestFileSystem> all) => all.Any(one => one.Type is "LVM2_member" or "crypto_LUKS" or "linux_raid_member");

    private static (string Kind, string Value) Split(string device) =>
        device.StartsWith("/dev/disk/by-", StringComparison.Ordinal) && device["/dev/disk/by-".Length..].Split('/', 2) is [var kind, var name] ? (kind.ToUpperInvariant(), name)
        : device.Split('=', 2) is [var tag, var value] ? (tag, value.Trim('"'))
        : ("", device);

    private static string Normalize(string mountPoint) =>
        mountPoint.StartsWith('/') ? "/" + string.Join('/', mountPoint.Split('/').Where(part => part is not ("" or "."))) : mountPoint;

    [GeneratedRegex(@"^[ \t]*(?<device>[^#\s]\S*)[ \t]+(?<point>\S+)[ \t]+(?<type>\S+)([ \t]+(?<options>\S+))?")]
    private static partial Regex Entry();

    // cloud-init mounts its disks after itself: a mount that needs a unit which is gone never happens.
    [GeneratedRegex(@"(?<=[ \t,]\S*),x-systemd\.(requires|after)=cloud-(init|config|final)[^,\s]*(?=[,\s]|$)")]
    private static partial Regex CloudInitUnit();

    // Logical volumes, encrypted ones and arrays.
    [GeneratedRegex(@"^/dev/(md\d+|[^/]+/[^/]+)$")]
    private static partial Regex InContainer();
}
