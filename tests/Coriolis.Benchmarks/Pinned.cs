using System.Diagnostics;

namespace Coriolis.Benchmarks;

/// <summary>Processes on one processor each, by the tool <c>taskset</c> of Linux.</summary>
internal static class Pinned
{
    /// <summary>What starts a client on the second processor.</summary>
    public static readonly string[] Clients = ["taskset", "-c", "1"];

    /// <summary>Runs this program again on the first processor.</summary>
    public static int Restart(string[] args)
    {
        using var process = Process.Start("taskset", ["-c", "0", Environment.ProcessPath!, .. args]);
        process.WaitForExit();
        return process.ExitCode;
    }
}
