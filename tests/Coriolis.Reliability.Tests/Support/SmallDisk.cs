using System.Diagnostics;

namespace Coriolis.Reliability.Tests.Support;

/// <summary>A small file system in memory that can be filled up. Needs Linux and root.</summary>
internal sealed class SmallDisk : IDisposable
{
    private readonly string _folder;
    private readonly string _ballast;

    private SmallDisk(string folder)
    {
        _folder = folder;
        _ballast = Path.Combine(folder, "ballast");
    }

    /// <summary>Mounts one on a folder; <see langword="null"/> where that is not possible.</summary>
    public static SmallDisk? TryMount(string folder) =>
        OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess && Run("mount", "-t", "tmpfs", "-o", "size=256m", "coriolis-test", folder) == 0
            ? new SmallDisk(folder)
            : null;

    /// <summary>Leaves so many bytes free.</summary>
    public void Fill(long freeBytes)
    {
        var size = new DriveInfo(_folder).AvailableFreeSpace - freeBytes;
        if (size > 0)
        {
            File.OpenHandle(_ballast, FileMode.Create, FileAccess.Write, preallocationSize: size).Dispose();
        }
    }

    /// <summary>Takes the filling away.</summary>
    public void Release() => File.Delete(_ballast);

    public void Dispose() => Run("umount", "--lazy", _folder);

    private static int Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        process.WaitForExit();
        return process.ExitCode;
    }
}
