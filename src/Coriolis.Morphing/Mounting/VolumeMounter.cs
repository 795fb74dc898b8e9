using System.Globalization;
using Coriolis.Morphing.Disks;

namespace Coriolis.Morphing.Mounting;

/// <summary>Mounts volumes of disks in the namespace, through loop devices that go when the mount goes.</summary>
internal sealed class VolumeMounter(MountNamespace space, TimeProvider timeProvider)
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(200);

    /// <summary>Whether a volume holds files that a Linux guest may boot from.</summary>
    public static bool IsMountable(GuestVolume volume) => volume.Type is "ext2" or "ext3" or "ext4" or "xfs" or "btrfs" or "vfat";

    /// <summary>Mounts a volume.</summary>
    /// <param name="volume">The volume.</param>
    /// <param name="directory">Where, in the namespace.</param>
    /// <param name="readOnly">Whether nothing may be written, not even a journal replayed.</param>
    /// <param name="subvolume">A btrfs subvolume, as a mount option.</param>
    /// <param name="cancellationToken">Cancels the mount.</param>
    /// <returns>What mount(8) says when it fails, otherwise <see langword="null"/>.</returns>
    /// <exception cref="GuestException">Another process keeps it in a loop device that this one cannot take.</exception>
    public async Task<string?> TryMountAsync(
        GuestVolume volume, string directory, bool readOnly, string? subvolume, CancellationToken cancellationToken)
    {
        await space.CreateDirectoryAsync(directory, cancellationToken).ConfigureAwait(false);
        await WaitForOtherDevicesAsync(volume, readOnly, cancellationToken).ConfigureAwait(false);

        string?[] options =
        [
            "nodev", readOnly ? WithoutReplay(volume.Type) : null, volume.Type == "xfs" ? "nouuid" : null, subvolume,
            $"loop,offset={Text(volume.Offset)},sizelimit={Text(volume.Length)}",
        ];

        // The option "rw" would let mount(8) fall back to a read-only mount and call that a success.
        var result = await space.TryRunAsync(
            [
                "mount", readOnly ? "--read-only" : "--rw", "-t", volume.Type, "-o", string.Join(',', options.OfType<string>()),
                volume.DiskPath, MountNamespace.Inside(directory),
            ],
            cancellationToken).ConfigureAwait(false);
        return result.ExitCode == 0 ? null : result.Error.Trim();
    }

    public static GuestException CannotMount(GuestVolume volume, string problem) =>
        new($"The {volume.Type} file system on {volume.Description} cannot be mounted: {problem}")
        {
            ResourceId = volume.DiskPath,
            Remedy = "Check that this machine's kernel has the file system, and repair it with its fsck on a copy of the replica.",
        };

    public Task UnmountAsync(string directory, CancellationToken cancellationToken) =>
        space.RunAsync(["umount", "--recursive", MountNamespace.Inside(directory)], cancellationToken);

    // A snapshot of a running machine has a journal to replay; a look that must not write leaves it alone.
    private static string? WithoutReplay(string type) => type switch
    {
        "ext3" or "ext4" => "noload",
        "xfs" => "norecovery",
        "btrfs" => "rescue=nologreplay",
        _ => null,
    };

    // The loop device of an earlier run or look stays for as long as anybody, a scan of the host's devices say, has it open. mount(8) takes
    // one of the same place again, but not to write when it is read-only, and refuses to mount beside one of another place that overlaps.
    private async Task WaitForOtherDevicesAsync(GuestVolume volume, bool readOnly, CancellationToken cancellationToken)
    {
        var started = timeProvider.GetTimestamp();
        while (await FindOtherDeviceAsync(volume, readOnly, cancellationToken).ConfigureAwait(false) is { } device)
        {
            if (timeProvider.GetElapsedTime(started) >= s_patience)
            {
                throw new GuestException($"The {volume.Type} file system on {volume.Description} cannot be mounted: the loop device {device} uses it.")
                {
                    ResourceId = volume.DiskPath,
                    Remedy = $"End what uses {device}, or detach it with losetup --detach {device}, then run again.",
                };
            }

            await Task.Delay(s_pause, timeProvider, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<string?> FindOtherDeviceAsync(GuestVolume volume, bool readOnly, CancellationToken cancellationToken)
    {
        var devices = await space.RunAsync(
            ["losetup", "--raw", "--noheadings", "--output", "NAME,RO,OFFSET,SIZELIMIT", "--associated", volume.DiskPath], cancellationToken)
            .ConfigureAwait(false);
        foreach (var line in devices.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            // A limit of 0 is none.
            if (line.Split(' ') is not [var device, var isReadOnly, var first, var limit]
                || !long.TryParse(first, CultureInfo.InvariantCulture, out var offset)
                || !long.TryParse(limit, CultureInfo.InvariantCulture, out var length))
            {
                continue;
            }

            var canBeTaken = offset == volume.Offset && length == volume.Length && (readOnly || isReadOnly == "0");
            var overlaps = offset < volume.Offset + volume.Length && (length == 0 || length > volume.Offset - offset);
            if (overlaps && !canBeTaken)
                return device;
        }

        return null;
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
