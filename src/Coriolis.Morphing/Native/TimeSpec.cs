using System.Runtime.InteropServices;

namespace Coriolis.Morphing.Native;

/// <summary>struct timespec of 64-bit Linux.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct TimeSpec(long Seconds, long Nanoseconds)
{
    /// <summary>UTIME_OMIT: leave this time as it is.</summary>
    public static TimeSpec Unchanged => new(0, (1L << 30) - 2);
}
