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
    public async Task<string?> TryMountAsync(
        GuestVolume volume, string directory, bool readOnly, string? subvolume, CancellationToken cancellationToken)
    {
        await space.CreateDirectoryAsync(directory, cancellationToken).ConfigureAwait(false);
        string?[] options =
        [
            "nodev", readOnly ? ReadOnlyOptions(volume.Type) : null, volume.Type == "xfs" ? "nouuid" : null, subvolume,
            $"loop,offset={volume.Offset.ToString(CultureInfo.InvariantCulture)},sizelimit={volume.Length.ToString(CultureInfo.InvariantCulture)}",
        ];
        string[] command =
        [
            "mount", "-t", volume.Type, "-o", string.Join(',', options.OfType<string>()), readOnly ? "--read-only" : "--rw",
            volume.DiskPath, MountNamespace.Inside(directory),
        ];

        // While anybody, a scan of the host's devices say, still has the loop device of an earlier look open, mount(8) takes that one
        // again, which is read-only. With --rw it fails then; with the option "rw" it would mount read-only and call that a success.
        var started = timeProvider.GetTimestamp();
        while (true)
        {
            var result = await space.TryRunAsync(command, cancellationToken).ConfigureAwait(false);
            if (result.ExitCode == 0)
                return null;

            var problem = result.Error.Trim();
            if (readOnly || !problem.Contains("read-only", StringComparison.OrdinalIgnoreCase))
                return problem;

            if (timeProvider.GetElapsedTime(started) >= s_patience)
                return $"{problem} (another process holds a read-only loop device of it, which losetup --associated {volume.DiskPath} shows)";

            await Task.Delay(s_pause, timeProvider, cancellationToken).ConfigureAwait(false);
        }
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
    private static string ReadOnlyOptions(string type) => type switch
    {
        "ext3" or "ext4" => "ro,noload",
        "xfs" => "ro,norecovery",
        "btrfs" => "ro,rescue=nologreplay",
        _ => "ro",
    };
}
