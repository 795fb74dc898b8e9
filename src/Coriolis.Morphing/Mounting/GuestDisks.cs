using System.Text;
using Coriolis.Morphing.Disks;
using Coriolis.Morphing.Guests;
using Coriolis.Morphing.Staging;

namespace Coriolis.Morphing.Mounting;

/// <summary>The disks of one guest, with its file systems mounted where nobody else sees them.</summary>
/// <remarks>Disposing unmounts everything and makes it durable; so does, but for the flush, the end of this process.</remarks>
internal sealed class GuestDisks : IMountedGuest
{
    private const int MaxTableBytes = 256 * 1024;

    private readonly DiskSet _disks;
    private readonly VolumeMounter _mounter;
    private readonly List<GuestMount> _mounts = [];
    private readonly List<string> _warnings = [];
    private readonly bool _readOnly;

    private GuestDisks(DiskSet disks, MountNamespace space, bool readOnly, TimeProvider timeProvider)
    {
        _disks = disks;
        Space = space;
        _mounter = new(space, timeProvider);
        _readOnly = readOnly;
    }

    public MountNamespace Space { get; }

    public string Description => string.Join(", ", _disks.Paths);

    public IReadOnlyList<string> DiskPaths => _disks.Paths;

    public IReadOnlyList<GuestVolume> Volumes => _disks.Volumes;

    /// <summary>The mounted file systems, the root first and each after those above it; empty when no root was found.</summary>
    public IReadOnlyList<GuestMount> Mounts => _mounts;

    /// <summary>What could not be opened or mounted, as sentences.</summary>
    public IReadOnlyList<string> Warnings => [.. _disks.Warnings, .. _warnings];

    /// <summary>Mounts the guest that is on some disks.</summary>
    /// <param name="paths">The disks; the one that boots first.</param>
    /// <param name="readOnly">Whether nothing may be written, not even a journal replayed.</param>
    /// <param name="passphrase">Opens encrypted volumes; empty when there is none.</param>
    /// <param name="timeProvider">Measures time-outs.</param>
    /// <param name="cancellationToken">Cancels the mounting.</param>
    public static async Task<IMountedGuest> OpenAsync(
        IReadOnlyList<string> paths, bool readOnly, ReadOnlyMemory<byte> passphrase, TimeProvider timeProvider, CancellationToken cancellationToken)
    {
        var set = DiskSet.Open(paths, readOnly);
        MountNamespace? space = null;
        try
        {
            space = await MountNamespace.CreateAsync(timeProvider, cancellationToken).ConfigureAwait(false);
            await set.FindVolumesAsync(new(space, readOnly), passphrase, timeProvider, cancellationToken).ConfigureAwait(false);
            var disks = new GuestDisks(set, space, readOnly, timeProvider);
            await disks.MountAsync(cancellationToken).ConfigureAwait(false);
            return disks;
        }
        catch
        {
            set.CloseContainers();
            if (space is not null)
                await space.DisposeAsync().ConfigureAwait(false);
            set.Dispose();
            throw;
        }
    }

    public OsType? Unsupported =>
        _mounts.Count > 0 ? null : Volumes.Any(volume => volume.Type is "ntfs" or "BitLocker") ? OsType.Windows : OsType.Other;

    public Task<GuestStage> StageAsync(CancellationToken cancellationToken)
    {
        var fileSystems = Volumes.Select(volume => new GuestFileSystem
        {
            Type = volume.Type,
            Uuid = volume.Uuid,
            Label = volume.Label,
            MountPoint = _mounts.FirstOrDefault(mount => mount.Volume == volume)?.MountPoint,
        });
        return GuestStage.CreateAsync(Space, _mounts, Volumes[0].DiskPath, [.. fileSystems], cancellationToken);
    }

    public IGuestTree OpenTree() => new LocalGuestTree(Space, _mounts);

    public async ValueTask DisposeAsync()
    {
        try
        {
            foreach (var mount in _mounts.AsEnumerable().Reverse())
                await _mounter.UnmountAsync(mount.Directory, CancellationToken.None).ConfigureAwait(false);
        }
        finally
        {
            _disks.CloseContainers();
            await Space.DisposeAsync().ConfigureAwait(false);
            _disks.Dispose();
        }
    }

    private async Task MountAsync(CancellationToken cancellationToken)
    {
        var finder = new RootFinder(Space, _mounter);
        var problems = new List<string>();
        if (await finder.FindAsync(Volumes, problems, cancellationToken).ConfigureAwait(false) is not var (volume, subvolume))
        {
            _warnings.AddRange(problems);
            return;
        }

        await MountAsync("/", volume, subvolume, cancellationToken).ConfigureAwait(false);
        using var root = LocalGuestRoot.Open(Space.Outside(_mounts[0].Directory));
        var encrypted = Crypttab.Parse(await ReadTextAsync(root, "/etc/crypttab", cancellationToken).ConfigureAwait(false));
        var lines = FstabEntry.Parse(await ReadTextAsync(root, "/etc/fstab", cancellationToken).ConfigureAwait(false)).ToArray();
        var entries = FileSystemsOf(lines);
        var volumes = new FstabVolumes(Volumes, encrypted).Find(entries, lines, volume, _warnings);
        foreach (var entry in entries)
        {
            if (!volumes.TryGetValue(entry, out var wanted))
                Miss(entry.MountPoint, $"{entry.Device} for {entry.MountPoint} is on none of the disks.");
            else if (!VolumeMounter.IsMountable(wanted))
                Miss(entry.MountPoint, $"{wanted.Type} on {wanted.Description} for {entry.MountPoint} is not mounted.");
            else if (_mounts.Any(mount => mount.MountPoint == entry.MountPoint))
                _warnings.Add($"fstab mounts {entry.MountPoint} more than once; the first line counts.");
            else
                await MountAsync(entry.MountPoint, wanted, SubvolumeOption(entry), cancellationToken).ConfigureAwait(false);
        }
    }

    // What is below these is the system itself: without it a guest has no programs, or no list of what is installed.
    private void Miss(string mountPoint, string problem)
    {
        if (mountPoint is "/usr" or "/var")
        {
            throw new GuestException(string.Join(' ', [problem, .. Warnings]))
            {
                Remedy = "Name all disks of the guest that hold parts of its system, the one that boots first.",
            };
        }

        _warnings.Add(problem);
    }

    private async Task MountAsync(string mountPoint, GuestVolume volume, string? subvolume, CancellationToken cancellationToken)
    {
        var directory = $"volume-{_mounts.Count}";
        var problem = await _mounter.TryMountAsync(volume, directory, _readOnly, subvolume, cancellationToken).ConfigureAwait(false);
        if (problem is null)
            _mounts.Add(new(mountPoint, directory, volume.Type) { Volume = volume });
        else if (mountPoint is "/" or "/usr" or "/var")
            throw VolumeMounter.CannotMount(volume, problem);
        else
            _warnings.Add($"{volume.Type} on {volume.Description} for {mountPoint} cannot be mounted: {problem}");
    }

    // A guest may have anything where these files belong.
    private async Task<string> ReadTextAsync(LocalGuestRoot root, string path, CancellationToken cancellationToken)
    {
        try
        {
            return await root.GetFileAsync(path, cancellationToken).ConfigureAwait(false) is null
                ? ""
                : Encoding.UTF8.GetString((await root.ReadAsync(path, MaxTableBytes, cancellationToken).ConfigureAwait(false)).Span);
        }
        catch (GuestException failure)
        {
            _warnings.Add(failure.Problem);
            return "";
        }
    }

    private IReadOnlyList<FstabEntry> FileSystemsOf(IEnumerable<FstabEntry> lines)
    {
        var entries = lines.Where(entry => entry.MountPoint.StartsWith('/') && entry.MountPoint != "/" && IsOnDisk(entry)).ToArray();
        foreach (var entry in entries.Where(entry => !entry.HasPlainMountPoint))
            _warnings.Add($"{entry.Device} is not mounted: fstab's mount point {entry.MountPoint} is not a plain path.");
        return [.. entries.Where(entry => entry.HasPlainMountPoint).OrderBy(entry => entry.MountPoint.Count(c => c == '/'))];
    }

    private static bool IsOnDisk(FstabEntry entry) =>
        (entry.Device.StartsWith("/dev/", StringComparison.Ordinal) || entry.Device.Contains('=', StringComparison.Ordinal))
        && entry.Type != "swap"
        && !entry.Options.Split(',').Contains("noauto");

    private static string? SubvolumeOption(FstabEntry entry) =>
        entry.Option("subvol") is { } name ? $"subvol={name}" : entry.Option("subvolid") is { } id ? $"subvolid={id}" : null;
}
