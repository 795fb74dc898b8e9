namespace Coriolis.Benchmarks;

/// <summary>What a client process did and used.</summary>
internal sealed record ClientResult(double WallSeconds, double CpuSeconds, long PeakResidentBytes, long AllocatedBytes, long Bytes)
{
    public override string ToString() =>
        $"{Bytes / 1048576.0:F0} MiB in {WallSeconds:F2} s ({Bytes / 1048576.0 / WallSeconds:F0} MiB/s), cpu {CpuSeconds:F2} s, "
        + $"peak resident {PeakResidentBytes / 1048576} MiB, allocated {AllocatedBytes / Math.Max(1, Bytes / 524288)} bytes per chunk";
}
