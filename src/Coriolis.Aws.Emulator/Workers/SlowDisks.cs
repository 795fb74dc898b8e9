using System.Collections.Concurrent;
using System.Globalization;

namespace Coriolis.Aws.Emulator.Workers;

/// <summary>A control group of the host in which a machine reads its disks slowly.</summary>
internal sealed class SlowDisks : IDisposable
{
    private const string Unified = "/sys/fs/cgroup";
    private const string Legacy = "/sys/fs/cgroup/blkio";

    private readonly string _folder;
    private readonly bool _isLegacy;
    private readonly long _bytesPerSecond;
    private readonly ConcurrentBag<LoopDevice> _disks = [];

    private SlowDisks(string folder, bool isLegacy, long bytesPerSecond)
    {
        _folder = folder;
        _isLegacy = isLegacy;
        _bytesPerSecond = bytesPerSecond;
    }

    /// <summary>Moves a process and its children into a group of their own.</summary>
    /// <exception cref="IOException">The host does not let its disks be limited.</exception>
    public static SlowDisks Create(int processId, long bytesPerSecond)
    {
        var isLegacy = Directory.Exists(Legacy);
        var folder = Path.Combine(isLegacy ? Legacy : Unified, string.Create(CultureInfo.InvariantCulture, $"emulator-machine-{processId}"));
        try
        {
            Directory.CreateDirectory(folder);
            foreach (var child in File.ReadAllText($"/proc/{processId}/task/{processId}/children").Split(' ', StringSplitOptions.RemoveEmptyEntries))
            {
                File.WriteAllText(Path.Combine(folder, "cgroup.procs"), child);
            }

            return new SlowDisks(folder, isLegacy, bytesPerSecond);
        }
        catch (UnauthorizedAccessException error)
        {
            throw new IOException($"This host does not let disks be slowed down: {error.Message}", error);
        }
    }

    public void Add(LoopDevice loop)
    {
        _disks.Add(loop);
        Limit(loop, _bytesPerSecond.ToString(CultureInfo.InvariantCulture));
    }

    /// <summary>Lets the disks be as fast as they are; what waits for them goes on.</summary>
    public void Release()
    {
        foreach (var disk in _disks)
        {
            Limit(disk, _isLegacy ? "0" : "max");
        }
    }

    /// <summary>Removes the group, which is empty once the machine has ended.</summary>
    public void Dispose()
    {
        try
        {
            Directory.Delete(_folder);
        }
        catch (IOException)
        {
            // A process that is still ending is in it; an empty group costs nothing.
        }
    }

    // The kernel's Documentation/admin-guide: cgroup-v1/blkio-controller.rst and cgroup-v2.rst.
    private void Limit(LoopDevice disk, string bytesPerSecond) => File.WriteAllText(
        Path.Combine(_folder, _isLegacy ? "blkio.throttle.read_bps_device" : "io.max"),
        string.Create(CultureInfo.InvariantCulture, $"{disk.Major}:{disk.Minor} {(_isLegacy ? "" : "rbps=")}{bytesPerSecond}"));
}
