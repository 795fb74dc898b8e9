using System.Diagnostics;
using System.Globalization;

namespace Coriolis.Benchmarks;

/// <summary>What this process has used so far, by the operating system's own accounting.</summary>
internal sealed record ProcessUsage(double CpuSeconds, long PeakResidentBytes, long AllocatedBytes)
{
    public static ProcessUsage Now()
    {
        using var self = Process.GetCurrentProcess();
        var peak = File.ReadLines("/proc/self/status").First(line => line.StartsWith("VmHWM:", StringComparison.Ordinal));
        var kibibytes = long.Parse(peak.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
        return new ProcessUsage(self.TotalProcessorTime.TotalSeconds, kibibytes * 1024, GC.GetTotalAllocatedBytes());
    }
}
