using System.Globalization;

namespace Coriolis.Morphing.Tests.Support;

/// <summary>A directory of the test's own that is gone afterwards; after a kill, as soon as tests run again.</summary>
internal sealed class TemporaryDirectory : IDisposable
{
    private const string Prefix = "coriolis-morphing-tests-";

    static TemporaryDirectory() => DeleteOfDeadProcesses(System.IO.Path.GetTempPath());

    public string Path { get; } = Directory.CreateTempSubdirectory(string.Create(CultureInfo.InvariantCulture, $"{Prefix}{Environment.ProcessId}-")).FullName;

    public string Below(string relative) => System.IO.Path.Combine(Path, relative.TrimStart('/'));

    public void Write(string relative, string text)
    {
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(Below(relative))!);
        File.WriteAllText(Below(relative), text);
    }

    public void Link(string relative, string target)
    {
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(Below(relative))!);
        File.CreateSymbolicLink(Below(relative), target);
    }

    /// <summary>Permission bits in octal digits.</summary>
    public string Mode(string relative) => Convert.ToString((int)File.GetUnixFileMode(Below(relative)), 8);

    public void Dispose() => Directory.Delete(Path, recursive: true);

    /// <summary>Deletes what test runs have left that were killed: mounts, loop devices and directories.</summary>
    internal static void DeleteOfDeadProcesses(string folder)
    {
        foreach (var directory in Directory.GetDirectories(folder, Prefix + "*"))
        {
            var owner = System.IO.Path.GetFileName(directory)[Prefix.Length..].Split('-')[0];
            if (int.TryParse(owner, CultureInfo.InvariantCulture, out var process) && !Directory.Exists($"/proc/{process}"))
                Machine.TryRun("sh", "-c", DeleteScript, directory);
        }
    }

    private const string DeleteScript = """
        findmnt --noheadings --raw --output TARGET | grep -F -- "$0/" | sort -r | while read -r target; do umount "$target"; done
        losetup --noheadings --raw --output NAME,BACK-FILE | grep -F -- " $0/" | while read -r device file; do losetup --detach "$device"; done
        rm -rf --one-file-system -- "$0"
        """;
}
