using System.Diagnostics;
using System.Globalization;

namespace Coriolis.Worker.Tests;

/// <summary>A real block device over a file of its own. Needs root.</summary>
internal sealed class LoopDisk : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("coriolis-loop-").FullName;

    public LoopDisk(byte[] content)
    {
        Content = content;
        File.WriteAllBytes(BackingPath, content);

        // Without the page cache between device and file, reading where the file has ended is an error as on a broken disk.
        DevicePath = Run("losetup", "--find", "--show", "--direct-io=on", BackingPath).Trim();
    }

    public byte[] Content { get; }

    public string DevicePath { get; }

    public string BackingPath => Path.Combine(_directory, "disk.raw");

    public int Number => int.Parse(Path.GetFileName(DevicePath)["loop".Length..], CultureInfo.InvariantCulture);

    public static void AssumePossible()
    {
        Assume.That(Environment.IsPrivilegedProcess, "needs root: loop devices");
        Assume.That(File.Exists("/dev/loop-control"), "needs loop devices");
    }

    public static string Run(string program, params IReadOnlyList<string> arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true })!;
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? output : throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} ended with {process.ExitCode}.");
    }

    /// <summary>Cuts the file behind the device: from there on the device has read errors.</summary>
    public void BreakFrom(long offset)
    {
        using var file = File.OpenWrite(BackingPath);
        file.SetLength(offset);
    }

    public void Dispose()
    {
        Run("losetup", "--detach", DevicePath);
        Directory.Delete(_directory, recursive: true);
    }
}
