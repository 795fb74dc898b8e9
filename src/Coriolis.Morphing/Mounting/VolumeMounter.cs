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
    /// <exception cref="GuestException">It has to be written, and another process keeps it read-only.</exception>
    public async Task<string?> TryMountAsync(
        GuestVolume volume, string directory, bool readOnly, string? subvolume, CancellationToken cancellationToken)
    {
        await space.CreateDirectoryAsync(directory, cancellationToken).ConfigureAwait(false);
        if (!readOnly)
            await WaitForReadersAsync(volume, cancellationToken).ConfigureAwait(false);

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

    // The loop device of an earlier look stays for as long as anybody, a scan of the host's devices say, has it open. It is read-only, and
    // mount(8) takes it again.
    private async Task WaitForReadersAsync(GuestVolume volume, CancellationToken cancellationToken)
    {
        var started = timeProvider.GetTimestamp();
        while (await FindReadOnlyDeviceAsync(volume, cancellationToken).ConfigureAwait(false) is { } device)
        {
            if (timeProvider.GetElapsedTime(started) >= s_patience)
            {
                throw new GuestException(
                    $"The {volume.Type} file system on {volume.Description} cannot be mounted for writing: {device} is a read-only loop device of it.")
                {
                    ResourceId = volume.DiskPath,
                    Remedy = $"End what uses {device}, or detach it with losetup --detach {device}, then run again.",
                };
            }

            await Task.Delay(s_pause, timeProvider, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<string?> FindReadOnlyDeviceAsync(GuestVolume volume, CancellationToken cancellationToken)
    {
        var devices = await space.RunAsync(
            ["losetup", "--raw", "--noheadings", "--output", "NAME,RO,OFFSET", "--associated", volume.DiskPath], cancellationToken)
            .ConfigureAwait(false);
        var readOnly = $" 1 {Text(volume.Offset)}";
        return devices.Split('\n').FirstOrDefault(line => line.EndsWith(readOnly, StringComparison.Ordinal))?[..^readOnly.Length];
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
