using Coriolis.Worker.Protocol;

namespace Coriolis.Worker;

/// <summary>A disk of this machine as it was found.</summary>
/// <param name="Device">What the controller is told.</param>
/// <param name="SysfsPath">Where the kernel describes it; <see langword="null"/> for an image file.</param>
/// <param name="Number">The device number; <see langword="null"/> for an image file.</param>
internal sealed record Disk(WorkerDevice Device, string? SysfsPath, (uint Major, uint Minor)? Number)
{
    public string Name => Device.Name;

    public long SizeBytes => Device.SizeBytes;
}
