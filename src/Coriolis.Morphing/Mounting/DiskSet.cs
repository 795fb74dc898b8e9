using Coriolis.Morphing.Disks;
using Coriolis.Morphing.Lvm;

namespace Coriolis.Morphing.Mounting;

/// <summary>The disks of a guest with all volumes on them, also those inside of arrays, encrypted volumes and volume groups.</summary>
internal sealed class DiskSet : IDisposable
{
    private readonly List<DiskImage> _disks = [];
    private readonly List<DiskImage> _containers = [];
    private readonly List<GuestVolume> _volumes = [];
    private readonly List<string> _warnings = [];

    private DiskSet()
    {
    }

    public IReadOnlyList<string> Paths => [.. _disks.Select(disk => disk.Path)];

    public IReadOnlyList<GuestVolume> Volumes => _volumes;

    /// <summary>What could not be opened, as sentences.</summary>
    public IReadOnlyList<string> Warnings => _warnings;

    public static DiskSet Open(IReadOnlyList<string> paths, bool readOnly)
    {
        var set = new DiskSet();
        try
        {
            foreach (var path in paths)
                set._disks.Add(DiskImage.Open(path, readOnly));
            return set;
        }
        catch
        {
            set.Dispose();
            throw;
        }
    }

    /// <summary>Finds the volumes, and opens what holds others.</summary>
    public async Task FindVolumesAsync(BlockDevices devices, ReadOnlyMemory<byte> passphrase, TimeProvider timeProvider, CancellationToken cancellationToken)
    {
        for (var index = 0; index < _disks.Count; index++)
        {
            foreach (var volume in await VolumeProbe.ProbeAsync(_disks[index], _warnings, timeProvider, cancellationToken).ConfigureAwait(false))
                _volumes.Add(volume with { DiskIndex = index });
        }

        if (_volumes.Any(IsContainer))
            await devices.TakeDownAbandonedAsync(cancellationToken).ConfigureAwait(false);

        // What is opened may hold the next container: LVM in an encrypted volume on an array.
        var isReadOnly = _disks.Any(disk => disk.IsReadOnly);
        var opened = new HashSet<GuestVolume>();
        while (_volumes.Where(volume => IsContainer(volume) && !opened.Contains(volume)).ToArray() is { Length: > 0 } found)
        {
            opened.UnionWith(found);
            foreach (var array in found.Where(volume => volume.Type == "linux_raid_member").GroupBy(volume => volume.Uuid))
                await OpenArrayAsync(devices, [.. array], isReadOnly, timeProvider, cancellationToken).ConfigureAwait(false);
            foreach (var volume in found.Where(volume => volume.Type == "crypto_LUKS"))
                await OpenEncryptedAsync(devices, volume, passphrase, isReadOnly, timeProvider, cancellationToken).ConfigureAwait(false);

            // Groups come last, when all their members have been found.
            var members = found.Where(volume => volume.Type == "LVM2_member").ToArray();
            foreach (var volume in ReadGroups(members))
                await AddAsync(devices, volume, isReadOnly, timeProvider, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Makes what was written to opened containers durable and lets go of them, so that they can be closed.</summary>
    public void CloseContainers()
    {
        foreach (var container in _containers.AsEnumerable().Reverse())
            Close(container);
        _containers.Clear();
    }

    /// <summary>Makes what was written durable and closes the disks.</summary>
    public void Dispose()
    {
        CloseContainers();
        _disks.ForEach(Close);
        _disks.Clear();
    }

    private static void Close(DiskImage disk)
    {
        using (disk)
        {
            if (!disk.IsReadOnly)
                disk.Flush();
        }
    }

    private static bool IsContainer(GuestVolume volume) => volume.Type is "linux_raid_member" or "crypto_LUKS" or "LVM2_member";

    private async Task OpenArrayAsync(
        BlockDevices devices, IReadOnlyList<GuestVolume> members, bool isReadOnly, TimeProvider timeProvider, CancellationToken cancellationToken)
    {
        var problem = BlockDevices.FindMissing("mdadm");
        string? device = null;
        if (problem is null)
            (device, problem) = await devices.AssembleAsync(members, cancellationToken).ConfigureAwait(false);
        if (device is null)
            _warnings.Add($"The RAID array on {string.Join(" and ", members.Select(member => member.Description))} cannot be opened: {problem}.");
        else
            await AddContainerAsync(device, isReadOnly, volume => volume, timeProvider, cancellationToken).ConfigureAwait(false);
    }

    private async Task OpenEncryptedAsync(
        BlockDevices devices,
        GuestVolume encrypted,
        ReadOnlyMemory<byte> passphrase,
        bool isReadOnly,
        TimeProvider timeProvider,
        CancellationToken cancellationToken)
    {
        var problem = passphrase.IsEmpty ? "no passphrase was given" : BlockDevices.FindMapperObstacle("cryptsetup");
        string? device = null;
        if (problem is null)
            (device, problem) = await devices.OpenEncryptedAsync(encrypted, passphrase, cancellationToken).ConfigureAwait(false);
        if (device is null)
            _warnings.Add($"The encrypted volume on {encrypted.Description} cannot be opened: {problem}.");
        else
            await AddContainerAsync(device, isReadOnly, volume => volume with { EncryptedUuid = encrypted.Uuid }, timeProvider, cancellationToken).ConfigureAwait(false);
    }

    private IReadOnlyList<LogicalVolume> ReadGroups(IReadOnlyList<GuestVolume> members)
    {
        var physicalVolumes = new List<PhysicalVolume>();
        foreach (var member in members)
        {
            try
            {
                physicalVolumes.Add(PhysicalVolume.Read(_disks.Concat(_containers).First(disk => disk.Path == member.DiskPath), member));
            }
            catch (FormatException failure)
            {
                _warnings.Add($"The physical volume on {member.Description} cannot be read: {failure.Message}.");
            }
        }

        try
        {
            return VolumeGroups.Read(physicalVolumes, _warnings);
        }
        catch (Exception failure) when (failure is FormatException or InvalidCastException or OverflowException)
        {
            _warnings.Add($"The volume groups on {string.Join(" and ", members.Select(member => member.Description))} cannot be read: {failure.Message}.");
            return [];
        }
    }

    private async Task AddAsync(
        BlockDevices devices, LogicalVolume logical, bool isReadOnly, TimeProvider timeProvider, CancellationToken cancellationToken)
    {
        // A volume in one piece, as installers make them, is a part of a disk like a partition and needs no device of its own.
        if (logical.Contiguous is var (physical, offset, length))
        {
            var place = new GuestVolume
            {
                DiskPath = physical.DiskPath,
                Offset = physical.Offset + offset,
                Length = length,
                Type = "",
                LogicalVolume = logical,
                EncryptedUuid = physical.EncryptedUuid,
            };
            if (await VolumeProbe.ProbeAsync(place, _warnings, timeProvider, cancellationToken).ConfigureAwait(false) is { } volume)
                _volumes.Add(volume);
        }
        else if (BlockDevices.FindMapperObstacle("dmsetup") is { } obstacle)
        {
            _warnings.Add($"The logical volume {logical.FullName} is in several pieces and cannot be opened: {obstacle}.");
        }
        else
        {
            var device = await devices.MapAsync(logical, cancellationToken).ConfigureAwait(false);
            await AddContainerAsync(device, isReadOnly, volume => volume with { LogicalVolume = logical }, timeProvider, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task AddContainerAsync(
        string device, bool isReadOnly, Func<GuestVolume, GuestVolume> describe, TimeProvider timeProvider, CancellationToken cancellationToken)
    {
        var container = DiskImage.Open(device, isReadOnly);
        _containers.Add(container);
        foreach (var volume in await VolumeProbe.ProbeAsync(container, _warnings, timeProvider, cancellationToken).ConfigureAwait(false))
            _volumes.Add(describe(volume));
    }
}
