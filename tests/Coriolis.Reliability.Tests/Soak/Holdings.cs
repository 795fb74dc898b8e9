using System.Diagnostics;

namespace Coriolis.Reliability.Tests.Soak;

/// <summary>What this process holds on to.</summary>
internal sealed record Holdings(long ManagedBytes, int Handles, int Sockets, int Threads)
{
    public static Holdings Now()
    {
        // Twice: what a finalizer lets go of is only collected after it.
        GC.Collect();
        GC.WaitForPendingFinalizers();
        var handles = Directory.GetFileSystemEntries("/proc/self/fd").Select(LinkTarget).OfType<string>().ToList();
        using var process = Process.GetCurrentProcess();
        return new Holdings(
            GC.GetTotalMemory(forceFullCollection: true),
            handles.Count,
            handles.Count(target => target.StartsWith("socket:", StringComparison.Ordinal)),
            process.Threads.Count);
    }

    // A handle may be closed between the listing and the look at it: that of the listing itself always is.
    private static string? LinkTarget(string path)
    {
        try
        {
            return new FileInfo(path).LinkTarget;
        }
        catch (IOException)
        {
            return null;
        }
    }
}
