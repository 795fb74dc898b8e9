using System.Diagnostics;
using System.Globalization;

namespace Coriolis.Cli;

/// <summary>The ext4 formatter of the machine, when there is one; it fills a file system from a folder without root.</summary>
internal sealed class Mke2fs(string path)
{
    /// <summary>Not every user has the system folders on the path.</summary>
    private static readonly string[] s_systemFolders = ["/usr/sbin", "/sbin"];

    public static Mke2fs? Find()
    {
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? string.Empty).Split(Path.PathSeparator);
        var path = folders.Concat(s_systemFolders).Select(folder => Path.Combine(folder, "mke2fs")).FirstOrDefault(File.Exists);
        return path is null ? null : new Mke2fs(path);
    }

    /// <summary>Makes a file system with the files of a folder inside a disk image.</summary>
    /// <returns>Whether it worked; older versions cannot fill a file system from a folder.</returns>
    public async Task<bool> TryFormatAsync(
        string image,
        int partitionOffset,
        long partitionSize,
        string content,
        CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(path)
        {
            ArgumentList =
            {
                "-q",
                "-F",
                "-t",
                "ext4",
                "-E",
                string.Create(CultureInfo.InvariantCulture, $"offset={partitionOffset}"),
                "-d",
                content,
                image,
                string.Create(CultureInfo.InvariantCulture, $"{partitionSize / 1024}k"),
            },
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        try
        {
            await Task.WhenAll(
                process.StandardOutput.ReadToEndAsync(cancellationToken),
                process.StandardError.ReadToEndAsync(cancellationToken),
                process.WaitForExitAsync(cancellationToken)).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            process.Kill();
            throw;
        }

        return process.ExitCode == 0;
    }
}
