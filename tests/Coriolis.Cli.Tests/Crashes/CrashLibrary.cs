using System.Globalization;
using System.Runtime.InteropServices;

namespace Coriolis.Cli.Tests;

/// <summary>The library built from <c>crash.c</c>, which ends a process at its n-th change of a file or message.</summary>
internal sealed class CrashLibrary : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private CrashLibrary()
    {
    }

    private string FilePath => _folder["crash.so"];

    /// <summary>Builds it, or has the test ignored where that cannot be done.</summary>
    public static async Task<CrashLibrary> BuildAsync(CancellationToken cancellationToken)
    {
        if (!OperatingSystem.IsLinux() || RuntimeInformation.ProcessArchitecture != Architecture.X64 || !File.Exists("/usr/bin/gcc"))
        {
            Assert.Ignore("Ending a process at a change of a file needs Linux on x64 and gcc.");
        }

        var library = new CrashLibrary();
        var source = Path.Combine(AppContext.BaseDirectory, "Crashes", "crash.c");
        using var compiler = new ChildProcess("/usr/bin/gcc", ["-shared", "-fPIC", "-O2", "-o", library.FilePath, source, "-ldl"]);
        var run = await compiler.WaitAsync(cancellationToken);
        Assert.That(run.ExitCode, Is.Zero, run.Error);
        return library;
    }

    /// <summary>The environment in which a process ends at a change below a directory, or at a message.</summary>
    public Dictionary<string, string> Environment(string root, CrashKind kind, int point) => new(AwsEnvironment.Variables)
    {
        ["LD_PRELOAD"] = FilePath,
        ["CRASH_ROOT"] = root,
        ["CRASH_AT"] = point.ToString(CultureInfo.InvariantCulture),
        ["CRASH_HOW"] = kind switch
        {
            CrashKind.Torn => "torn",
            CrashKind.Power => "power",
            CrashKind.Message => "message",
            _ => "kill",
        },
    };

    public void Dispose() => _folder.Dispose();
}
