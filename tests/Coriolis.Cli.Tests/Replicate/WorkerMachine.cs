namespace Coriolis.Cli.Tests;

/// <summary>The machine that a worker is on this host.</summary>
internal static class WorkerMachine
{
    /// <summary>Runs a shell command as root with a worker's network and mounts, without logging in: its keys are nobody's but the run's.</summary>
    public static async Task<string> RunAsync(string address, string command, CancellationToken cancellationToken)
    {
        using var child = new ChildProcess("nsenter", ["--target", FindProcess(address), "--net", "--mount", "bash", "-c", command]);
        var run = await child.WaitAsync(cancellationToken);
        Assert.That(run.ExitCode, Is.Zero, run.Error);
        return run.Output;
    }

    /// <summary>The process that holds the machine's namespaces is the one in whose network the address is.</summary>
    private static string FindProcess(string address) => Directory.GetDirectories("/proc")
        .Where(static process => Path.GetFileName(process).All(char.IsAsciiDigit))
        .First(process => Read(process, "comm") == "unshare\n" && Read(process, "net/fib_trie").Contains($" {address}\n"))
        .Split('/')[^1];

    private static string Read(string process, string file)
    {
        try
        {
            return File.ReadAllText(Path.Combine(process, file));
        }
        catch (IOException)
        {
            // It has ended.
            return "";
        }
    }
}
