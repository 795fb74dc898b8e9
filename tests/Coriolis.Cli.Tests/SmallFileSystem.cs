using System.Diagnostics;

namespace Coriolis.Cli.Tests;

/// <summary>A file system in memory on a folder, as small or as read-only as a test wants it. Needs Linux and root.</summary>
internal sealed class SmallFileSystem : IDisposable
{
    private readonly string _folder;

    private SmallFileSystem(string folder) => _folder = folder;

    /// <summary>Mounts it, or skips the test where that is not possible.</summary>
    public static SmallFileSystem Mount(string folder, string options)
    {
        if (!OperatingSystem.IsLinux() || !Environment.IsPrivilegedProcess)
        {
            Assert.Ignore("Mounting a file system needs Linux and root.");
        }

        var exitCode = Run("mount", "-t", "tmpfs", "-o", options, "coriolis-test", folder);
        if (exitCode != 0)
        {
            Assert.Ignore($"This machine does not let its root mount a tmpfs (mount exited with {exitCode}).");
        }

        return new SmallFileSystem(folder);
    }

    public void Dispose() => Run("umount", "--lazy", _folder);

    private static int Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        process.WaitForExit();
        return process.ExitCode;
    }
}
