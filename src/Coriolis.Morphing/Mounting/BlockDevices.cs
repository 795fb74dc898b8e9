using System.Globalization;
using Coriolis.Morphing.Disks;
using Coriolis.Morphing.Lvm;

namespace Coriolis.Morphing.Mounting;

/// <summary>Makes block devices of the host from parts of disks, which go when the namespace goes.</summary>
/// <remarks>Their names are their own, so what a guest calls its volumes never meets what the host calls its own.</remarks>
internal sealed class BlockDevices(MountNamespace space, bool readOnly)
{
    private const string MapperFolder = "/dev/mapper/";
    private const int SectorBytes = 512;

    // Where several look at once, all are told of the same free device, and one gets it.
    private const int MaxAttempts = 100;

    // udev of the host starts an array as soon as it sees the members.
    private const string StopHolders = """
        ! command -v udevadm >/dev/null || udevadm settle --timeout=30
        for member in "$@"; do
            for holder in /sys/block/"${member#/dev/}"/holders/md*; do
                [ ! -e "$holder" ] || mdadm --stop "/dev/${holder##*/}"
            done
        done
        """;

    /// <summary>Why a program cannot open containers on this machine; <see langword="null"/> when it can.</summary>
    public static string? FindMissing(string program) =>
        ((string[])["/usr/sbin/", "/sbin/", "/usr/bin/"]).Any(folder => File.Exists(folder + program)) ? null : $"{program} is not installed";

    /// <summary>The same for a program that makes mapped devices.</summary>
    public static string? FindMapperObstacle(string program) =>
        HasDeviceMapper() ? FindMissing(program) : "this machine's kernel has no device mapper";

    // LVM's programs make the node also where no driver is behind it.
    private static bool HasDeviceMapper()
    {
        try
        {
            using var control = File.OpenHandle(MapperFolder + "control");
            return true;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>Takes down what runs have left that were killed with all their processes, and that would keep disks from being opened.</summary>
    public Task TakeDownAbandonedAsync(CancellationToken cancellationToken) => AbandonedDevices.TakeDownAsync(space, cancellationToken);

    /// <summary>Opens an encrypted volume.</summary>
    /// <returns>The device, or what cryptsetup says.</returns>
    public async Task<(string? Device, string? Problem)> OpenEncryptedAsync(
        GuestVolume volume, ReadOnlyMemory<byte> passphrase, CancellationToken cancellationToken)
    {
        var loop = await AttachAsync(volume, 0, volume.Length, cancellationToken).ConfigureAwait(false);
        var name = AbandonedDevices.NextName();
        await space.AddUndoAsync($"unmap {name}", cancellationToken).ConfigureAwait(false);

        // The passphrase goes through a pipe: arguments can be seen by every user of the machine.
        string[] mode = readOnly ? ["--readonly"] : [];
        var result = await space.TryRunAsync(
            ["cryptsetup", "open", "--type", "luks", "--key-file", "-", .. mode, loop, name], cancellationToken, passphrase).ConfigureAwait(false);
        return result.ExitCode == 0 ? (MapperFolder + name, null) : (null, result.Error.Trim().TrimEnd('.'));
    }

    /// <summary>Makes a device of a logical volume that is in several pieces.</summary>
    public async Task<string> MapAsync(LogicalVolume volume, CancellationToken cancellationToken)
    {
        var table = new List<string>();
        var start = 0L;
        foreach (var segment in volume.Segments)
        {
            var places = new List<string>();
            foreach (var (physical, offset) in segment.Stripes)
            {
                // A loop device over the piece alone shows no label of LVM to whoever looks for one.
                var loop = await AttachAsync(physical, offset, segment.Length / segment.Stripes.Count, cancellationToken).ConfigureAwait(false);
                places.Add($"{loop} 0");
            }

            var kind = places.Count == 1 ? "linear" : Text($"striped {places.Count} {segment.StripeBytes / SectorBytes}");
            table.Add(Text($"{start / SectorBytes} {segment.Length / SectorBytes} {kind} {string.Join(' ', places)}"));
            start += segment.Length;
        }

        var name = AbandonedDevices.NextName();
        await space.AddUndoAsync($"unmap {name}", cancellationToken).ConfigureAwait(false);
        string[] mode = readOnly ? ["--readonly"] : [];
        await RunAsync(["dmsetup", "create", name, .. mode], string.Join('\n', table), cancellationToken).ConfigureAwait(false);
        return MapperFolder + name;
    }

    /// <summary>Starts an array from its members.</summary>
    /// <returns>The device, or what mdadm says.</returns>
    public async Task<(string? Device, string? Problem)> AssembleAsync(IReadOnlyList<GuestVolume> members, CancellationToken cancellationToken)
    {
        var loops = new List<string>();
        foreach (var member in members)
            loops.Add(await AttachAsync(member, 0, member.Length, cancellationToken).ConfigureAwait(false));

        await space.RunAsync(["/bin/sh", "-c", StopHolders, "sh", .. loops], cancellationToken).ConfigureAwait(false);
        var device = $"/dev/md/{AbandonedDevices.NextName()}";
        // mdadm leaves the name, which would stand for another array some day.
        await space.AddUndoAsync($"mdadm --stop {device} && rm -f {device}", cancellationToken).ConfigureAwait(false);
        string[] mode = readOnly ? ["--readonly"] : [];
        var result = await space.TryRunAsync(["mdadm", "--assemble", "--run", .. mode, device, .. loops], cancellationToken).ConfigureAwait(false);
        return result.ExitCode == 0 ? (device, null) : (null, result.Error.Trim().TrimEnd('.'));
    }

    // The namespace has to know of a device before there is one, and which one losetup(8) would take is known only afterwards. So
    // the name comes first; when somebody else is faster, the namespace is told that this device is not ours.
    private async Task<string> AttachAsync(GuestVolume volume, long offset, long length, CancellationToken cancellationToken)
    {
        string[] mode = readOnly ? ["--read-only"] : [];
        for (var attempt = 1; ; attempt++)
        {
            var device = (await space.RunAsync(["losetup", "--find"], cancellationToken).ConfigureAwait(false)).Trim();
            await space.AddUndoAsync($"detach {device}", cancellationToken).ConfigureAwait(false);
            string[] attach =
            [
                "losetup", .. mode, "--offset", Text($"{volume.Offset + offset}"), "--sizelimit", Text($"{length}"), device, volume.DiskPath,
            ];
            var result = await space.TryRunAsync(attach, cancellationToken).ConfigureAwait(false);
            if (result.ExitCode == 0)
                return device;

            await space.AddUndoAsync($"foreign=\"$foreign {device} \"", cancellationToken).ConfigureAwait(false);
            if (attempt == MaxAttempts || !result.Error.Contains("busy", StringComparison.OrdinalIgnoreCase))
                throw new GuestException($"{string.Join(' ', attach)} failed: {result.Error.Trim()}") { ResourceId = volume.DiskPath };
        }
    }

    private async Task RunAsync(string[] command, string input, CancellationToken cancellationToken)
    {
        var result = await space.TryRunAsync(command, cancellationToken, System.Text.Encoding.ASCII.GetBytes(input)).ConfigureAwait(false);
        if (result.ExitCode != 0)
            throw new GuestException($"{string.Join(' ', command)} failed: {result.Error.Trim()}");
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
