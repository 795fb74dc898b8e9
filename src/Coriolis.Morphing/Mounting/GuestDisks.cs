using System.Text;
using Coriolis.Morphing.Disks;
using Coriolis.Morphing.Guests;

namespace Coriolis.Morphing.Mounting;

/// <summary>The disks of one guest, with its file systems mounted where nobody else sees them.</summary>
/// <remarks>Disposing unmounts everything and makes it durable; so does, but for the flush, the end of this process.</remarks>
internal sealed class GuestDisks : IAsyncDisposable
{
    private const int MaxFstabBytes = 256 * 1024;

    private readonly IReadOnlyList<DiskImage> _images;
    private readonly VolumeMounter _mounter;
    private readonly List<GuestMount> _mounts = [];
    private readonly List<string> _warnings = [];
    private readonly bool _readOnly;

    private GuestDisks(IReadOnlyList<DiskImage> images, IReadOnlyList<GuestVolume> volumes, MountNamespace space, bool readOnly)
    {
        _images = images;
        Volumes = volumes;
        Space = space;
        _mounter = new(space);
        _readOnly = readOnly;
    }

    public MountNamespace Space { get; }

    public IReadOnlyList<string> DiskPaths => [.. _images.Select(image => image.Path)];

    public IReadOnlyList<GuestVolume> Volumes { get; }

    /// <summary>The mounted file systems, the root first and each after those above it; empty when no root was found.</summary>
    public IReadOnlyList<GuestMount> Mounts => _mounts;

    /// <summary>What could not be mounted, as sentences.</summary>
    public IReadOnlyList<string> Warnings => _warnings;

    /// <summary>Mounts the guest that is on some disks.</summary>
    /// <param name="paths">The disks; the one that boots first.</param>
    /// <param name="readOnly">Whether nothing may be written, not even a journal replayed.</param>
    /// <param name="timeProvider">Measures time-outs.</param>
    /// <param name="cancellationToken">Cancels the mounting.</param>
    public static async Task<GuestDisks> OpenAsync(
        IReadOnlyList<string> paths, bool readOnly, TimeProvider timeProvider, CancellationToken cancellationToken)
    {
        var images = new List<DiskImage>();
        MountNamespace? space = null;
        try
        {
            foreach (var path in paths)
                images.Add(DiskImage.Open(path, readOnly));

            var volumes = await VolumeProbe.ProbeAsync(images, timeProvider, cancellationToken).ConfigureAwait(false);
            space = await MountNamespace.CreateAsync(timeProvider, cancellationToken).ConfigureAwait(false);
            var disks = new GuestDisks(images, volumes, space, readOnly);
            await disks.MountAsync(cancellationToken).ConfigureAwait(false);
            return disks;
        }
        catch
        {
            if (space is not null)
                await space.DisposeAsync().ConfigureAwait(false);
            images.ForEach(image => image.Dispose());
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            foreach (var mount in _mounts.AsEnumerable().Reverse())
                await _mounter.UnmountAsync(mount.Directory, CancellationToken.None).ConfigureAwait(false);
        }
        finally
        {
            await Space.DisposeAsync().ConfigureAwait(false);
            foreach (var image in _images)
            {
                if (!_readOnly)
                    image.Flush();
                image.Dispose();
            }
        }
    }

    private async Task MountAsync(CancellationToken cancellationToken)
    {
        var finder = new RootFinder(Space, _mounter);
        if (await finder.FindAsync(Volumes, cancellationToken).ConfigureAwait(false) is not var (volume, subvolume))
            return;

        await MountAsync("/", volume, subvolume, cancellationToken).ConfigureAwait(false);
        foreach (var entry in await ReadFstabAsync(cancellationToken).ConfigureAwait(false))
        {
            if (VolumeNames.Find(Volumes, entry.Device) is not { } wanted)
                _warnings.Add($"{entry.Device} for {entry.MountPoint} is on none of the disks.");
            else if (!VolumeMounter.IsMountable(wanted))
                _warnings.Add($"{wanted.Type} on {wanted.Description} for {entry.MountPoint} is not mounted.");
            else if (_mounts.Any(mount => mount.MountPoint == entry.MountPoint))
                _warnings.Add($"fstab mounts {entry.MountPoint} more than once; the first line counts.");
            else
                await MountAsync(entry.MountPoint, wanted, SubvolumeOption(entry), cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task MountAsync(string mountPoint, GuestVolume volume, string? subvolume, CancellationToken cancellationToken)
    {
        var directory = $"volume-{_mounts.Count}";
        var problem = await _mounter.TryMountAsync(volume, directory, _readOnly, subvolume, cancellationToken).ConfigureAwait(false);
        if (problem is null)
            _mounts.Add(new(mountPoint, directory, volume));
        else if (mountPoint is "/" or "/usr" or "/var")
            throw VolumeMounter.CannotMount(volume, problem);
        else
            _warnings.Add($"{volume.Type} on {volume.Description} for {mountPoint} cannot be mounted: {problem}");
    }

    private async Task<IEnumerable<FstabEntry>> ReadFstabAsync(CancellationToken cancellationToken)
    {
        using var root = LocalGuestRoot.Open(Space.Outside(_mounts[0].Directory));
        if (await root.GetFileAsync("/etc/fstab", cancellationToken).ConfigureAwait(false) is null)
            return [];

        var text = await root.ReadAsync("/etc/fstab", MaxFstabBytes, cancellationToken).ConfigureAwait(false);
        return FstabEntry.Parse(Encoding.UTF8.GetString(text.Span))
            .Where(entry => entry.MountPoint.StartsWith('/') && entry.MountPoint != "/" && IsOnDisk(entry))
            .OrderBy(entry => entry.MountPoint.Count(c => c == '/'));
    }

    private static bool IsOnDisk(FstabEntry entry) =>
        (entry.Device.StartsWith("/dev/", StringComparison.Ordinal) || entry.Device.Contains('=', StringComparison.Ordinal))
        && entry.Type != "swap"
        && !entry.Options.Split(',').Contains("noauto");

    private static string? SubvolumeOption(FstabEntry entry) =>
        entry.Option("subvol") is { } name ? $"subvol={name}" : entry.Option("subvolid") is { } id ? $"subvolid={id}" : null;
}
