using System.Globalization;

namespace Coriolis.Aws.Emulator.Workers;

/// <summary>A control group of the host in which a machine reads its disks slowly.</summary>
internal sealed class SlowDisks : IDisposable
{
    private const int BytesPerSecond = 32 << 20;
    private const string Unified = "/sys/fs/cgroup";
    private const string Legacy = "/sys/fs/cgroup/blkio";

    private readonly string _folder;
    private readonly bool _isLegacy;

    private SlowDisks(string folder, bool isLegacy)
    {
        _folder = folder;
        _isLegacy = isLegacy;
    }

    /// <summary>Moves a process and its children into a group of their own.</summary>
    /// <exception cref="IOException">The host does not let its disks be limited.</exception>
    public static SlowDisks Create(int processId)
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

            return new SlowDisks(folder, isLegacy);
        }
        catch (UnauthorizedAccessException error)
        {
            throw new IOException($"This host does not let disks be slowed down: {error.Message}", error);
        }
    }

    public void Add(LoopDevice loop) => File.WriteAllText(
        Path.Combine(_folder, _isLegacy ? "blkio.throttle.read_bps_device" : "io.max"),
        string.Create(CultureInfo.InvariantCulture, $"{loop.Major}:{loop.Minor} {(_isLegacy ? "" : "rbps=")}{BytesPerSecond}"));

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
}
