using System.IO.Compression;

namespace Coriolis.Cli.Tests.Packaging;

/// <summary>The packages that the solution makes, in a folder, packed once for all tests of them.</summary>
[SetUpFixture]
public sealed class PackedSolution
{
    private static TemporaryFolder? s_folder;

    internal static string Folder => s_folder!.Path;

    internal static string Configuration { get; } = Path.GetFileName(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar));

    [OneTimeSetUp]
    public async Task PackAsync()
    {
        s_folder = new TemporaryFolder();
        string[] arguments = ["pack", Path.Combine(Repository.Root, "Coriolis.Providers.Aws.sln"), "--no-build", "--nologo", "-c", Configuration, "-o", Folder];
        using var pack = new ChildProcess("dotnet", arguments);
        var run = await pack.WaitAsync(CancellationToken.None);
        Assert.That(run.ExitCode, Is.Zero, run.Output + run.Error);
    }

    [OneTimeTearDown]
    public void Remove() => s_folder?.Dispose();

    internal static ZipArchive Open(string id, string extension = "nupkg") => ZipFile.OpenRead(PathOf(id, extension));

    internal static string VersionOf(string id) => Path.GetFileName(PathOf(id, "nupkg"))[(id.Length + 1)..^".nupkg".Length];

    // A package's id may be the beginning of another one's.
    private static string PathOf(string id, string extension) => Directory.EnumerateFiles(Folder, $"{id}.*.{extension}")
        .Single(file => char.IsAsciiDigit(Path.GetFileName(file)[id.Length + 1]));
}
