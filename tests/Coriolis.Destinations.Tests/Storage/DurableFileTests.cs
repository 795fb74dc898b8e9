using System.Text;
using Coriolis.Storage;

namespace Coriolis.Destinations.Tests;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Platform("Linux", Reason = "It is about modes of Unix, and asks Linux what happened to a file.")]
internal sealed class DurableFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static readonly Action<string>[] s_creations =
    [
        path => DurableFile.CreateNew(path).Dispose(),
        path => DurableFile.Recreate(path).Dispose(),
        path => DurableFile.OpenOrCreate(path, FileShare.None).Dispose(),
        path => DurableFile.Write(path, "state"u8),
        path => DurableFile.WriteCarelessly(path, "state"u8),
    ];

    public void Dispose() => _folder.Dispose();

    [Test]
    public void Create_AnyWay_HasItsModeFromTheStart([Range(0, 4)] int way)
    {
        // Linux reports each change of a mode, and reports in order: nothing may come before what the test does itself.
        using var changes = new AttributeChanges(_folder.Path);
        var path = Path.Combine(_folder.Path, "file");

        s_creations[way](path);
        var mode = ModeOf(path);
        var sentinel = Path.Combine(_folder.Path, "sentinel");
        File.WriteAllText(sentinel, "");
        Chmod(sentinel, 0x180);

        Assert.That(changes.First(), Is.EqualTo("sentinel"));
        Assert.That(mode, Is.EqualTo(UnixFileMode.UserRead | UnixFileMode.UserWrite));
    }

    [Test]
    public void CreateDirectory_NewOne_IsForItsOwnerFromTheStart()
    {
        using var changes = new AttributeChanges(_folder.Path);

        DurableFile.CreateDirectory(Path.Combine(_folder.Path, "folder"));
        Chmod(Path.Combine(_folder.Path, "folder"), 0x1c0);
        DurableFile.CreateSubdirectory(Path.Combine(_folder.Path, "folder", "inner"));

        Assert.That(ModeOf(Path.Combine(_folder.Path, "folder", "inner")), Is.EqualTo((UnixFileMode)0x1c0));
        Assert.That(changes.First(), Is.EqualTo("folder"));
    }

    [TestCase("")]
    [TestCase("/")]
    public void CreateDirectory_NewLevels_AreMadeDurableInTheOneThatWasThere(string end)
    {
        var path = Path.Combine(_folder.Path, "outer", "inner");
        using (var openings = new DirectoryOpenings(_folder.Path))
        {
            DurableFile.CreateDirectory(path + end);
            Assert.That(openings.Any(), "the outer one has its name there");
        }

        using var above = new DirectoryOpenings(_folder.Path);
        using var opened = new DirectoryOpenings(path);
        DurableFile.CreateSubdirectory(Path.Combine(path, "new"));
        Assert.That(opened.Any(), "the new one has its name there");
        Assert.That(above.Any(), Is.False);

        DurableFile.CreateDirectory(path);
        Assert.That(above.Any(), Is.False, "there was nothing to create");
        Assert.That(Directory.EnumerateFileSystemEntries(path), Is.EqualTo([Path.Combine(path, "new")]));
    }

    [Test]
    public void CreateNew_LinkToNothing_ThrowsAndCreatesNothing()
    {
        var outside = Plant("file", create: false);

        Assert.That(() => DurableFile.CreateNew(Path.Combine(_folder.Path, "file")), Throws.InstanceOf<IOException>());
        Assert.That(() => DurableFile.OpenOrCreate(Path.Combine(_folder.Path, "file"), FileShare.None), Throws.TypeOf<ForeignFileException>());
        Assert.That(File.Exists(outside), Is.False);
    }

    [Test]
    public void Write_LinkUnderTheTemporaryName_LeavesItsTargetAlone()
    {
        var outside = Plant("file.tmp", create: true);
        var path = Path.Combine(_folder.Path, "file");

        DurableFile.Write(path, "state"u8);

        Assert.That(File.ReadAllText(outside), Is.EqualTo("somebody's"));
        Assert.That(Encoding.UTF8.GetString(DurableFile.ReadAllBytes(path)), Is.EqualTo("state"));
    }

    [Test]
    public void Open_Link_ThrowsForEveryAccess([Values] FileAccess access)
    {
        var outside = Plant("file", create: true);

        Assert.That(() => DurableFile.Open(Path.Combine(_folder.Path, "file"), access), Throws.TypeOf<ForeignFileException>());
        Assert.That(File.ReadAllText(outside), Is.EqualTo("somebody's"));
    }

    [Test]
    [CancelAfter(10_000)]
    public void Open_Pipe_ThrowsWithoutWaitingForItsOtherEnd()
    {
        var pipe = Path.Combine(_folder.Path, "pipe");
        using (var mkfifo = System.Diagnostics.Process.Start("mkfifo", [pipe]))
        {
            mkfifo.WaitForExit();
        }

        Assert.That(() => DurableFile.Open(pipe), Throws.TypeOf<ForeignFileException>());
    }

    [Test]
    public void CreateSubdirectory_Link_ThrowsAndCreatesNothing()
    {
        var outside = Plant("inner", create: false);

        Assert.That(() => DurableFile.CreateSubdirectory(Path.Combine(_folder.Path, "inner")), Throws.TypeOf<ForeignFileException>());
        Assert.That(Directory.Exists(outside), Is.False);
    }

#pragma warning disable CA1416 // The fixture runs on Linux only.
    private static UnixFileMode ModeOf(string path) => File.GetUnixFileMode(path);

    private static void Chmod(string path, int mode) => File.SetUnixFileMode(path, (UnixFileMode)mode);
#pragma warning restore CA1416

    private string Plant(string name, bool create)
    {
        var outside = Path.Combine(Directory.CreateDirectory(Path.Combine(_folder.Path, "outside")).FullName, "target");
        if (create)
        {
            File.WriteAllText(outside, "somebody's");
        }

        File.CreateSymbolicLink(Path.Combine(_folder.Path, name), outside);
        return outside;
    }
}
