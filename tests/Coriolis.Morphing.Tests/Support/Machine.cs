using System.Diagnostics;

namespace Coriolis.Morphing.Tests.Support;

/// <summary>What the machine that runs the tests can do; what it cannot, a test says and skips itself.</summary>
internal static class Machine
{
    public static void NeedsRoot() => Assume.That(Environment.IsPrivilegedProcess, "needs root: mounts, namespaces and other owners' files");

    public static void NeedsProgram(string name) =>
        Assume.That(FindProgram(name), Is.Not.Null, $"needs the program {name}");

    // LVM's programs make the node also where no driver is behind it.
    public static bool HasDeviceMapper => TryRun("sh", "-c", ": < /dev/mapper/control").ExitCode == 0;

    public static void NeedsDeviceMapper()
    {
        NeedsRoot();
        Assume.That(HasDeviceMapper, "needs a kernel with the device mapper; bash tests/run.sh Category=Boot runs this in a virtual machine");
    }

    public static string? FindProgram(string name) =>
        ((string[])["/usr/sbin", "/usr/bin", "/sbin", "/bin"]).Select(folder => Path.Combine(folder, name)).FirstOrDefault(File.Exists);

    public static string Run(string program, params string[] arguments)
    {
        var (exitCode, output) = TryRun(program, arguments);
        return exitCode == 0 ? output : throw new InvalidOperationException($"{program} {string.Join(' ', arguments)}: {exitCode}\n{output}");
    }

    public static (int ExitCode, string Output) TryRun(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo("/bin/sh", ["-c", "exec \"$@\" 2>&1 </dev/null", "sh", program, .. arguments])
        {
            RedirectStandardOutput = true,
            Environment = { ["LC_ALL"] = "C", ["PATH"] = "/usr/sbin:/usr/bin:/sbin:/bin" },
        };
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output);
    }
}
