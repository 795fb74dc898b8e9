using System.Text.Json;
using Coriolis.Destinations.Conformance;
using Coriolis.Providers;
using Microsoft.Extensions.Options;

namespace Coriolis.Destinations.Tests;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class RawDestinationTests : IDisposable
{
    private const int Size = 1024 * 1024;

    private readonly TemporaryFolder _folder = new();

    private string DiskPath => Path.Combine(_folder.Path, "vol-1.raw");

    private string MarkerPath => DiskPath + ".coriolis";

    public void Dispose() => _folder.Dispose();

    [Test]
    public void OpenAsync_MissingFolder_ThrowsAndCreatesNothing()
    {
        var missing = Path.Combine(_folder.Path, "missing");

        Assert.That(async () => await OpenAsync(missing), Throws.TypeOf<DestinationException>().With.Message.Contains(missing));
        Assert.That(Directory.Exists(missing), Is.False);
    }

    [Test]
    public void OpenAsync_FolderThatCannotBeWritten_Throws()
    {
        // Not even root may create files there.
        Assume.That(OperatingSystem.IsLinux());

        Assert.That(async () => await OpenAsync("/proc/self"), Throws.TypeOf<DestinationException>().With.Message.Contains("/proc/self/vol-1.raw"));
    }

    [TestCase("../vol-1")]
    [TestCase("/etc/vol-1")]
    [TestCase("..")]
    [TestCase("vol/1")]
    [TestCase(".vol-1")]
    [TestCase("vol-1\n")]
    [TestCase("vol-1\0")]
    [TestCase("vol\\1")]
    [TestCase("vol-\u0661")]
    [TestCase("")]
    public void OpenAsync_IdThatIsNotAFileName_ThrowsAndCreatesNothing(string diskId)
    {
        Assert.That(async () => await OpenAsync(_folder.Path, diskId: diskId), Throws.TypeOf<DestinationException>());
        Assert.That(Directory.EnumerateFileSystemEntries(_folder.Path), Is.Empty);
    }

    [Test]
    public async Task OpenAsync_FileWithoutMarker_ThrowsAndKeepsIt()
    {
        await File.WriteAllTextAsync(DiskPath, "somebody's work");

        Assert.That(async () => await OpenAsync(), Throws.TypeOf<DestinationException>().With.Message.Contains("not written by an execution"));
        Assert.That(await File.ReadAllTextAsync(DiskPath), Is.EqualTo("somebody's work"));
    }

    [Test]
    public async Task OpenAsync_FileThatAnotherHasOpen_ThrowsThatItIsInUse()
    {
        await using var writer = await OpenAsync();

        Assert.That(
            async () => await OpenAsync(),
            Throws.TypeOf<DestinationException>().With.Message.Contains("it is in use").And.Property("IsTransient").True);
    }

    [Test]
    public async Task OpenAsync_MorphedDisk_ThrowsAndKeepsIt()
    {
        await File.WriteAllTextAsync(DiskPath, "morphed");
        await File.WriteAllTextAsync(DiskPath + ".morphed", "/reports/web-1.json\n");

        Assert.That(
            async () => await OpenAsync(),
            Throws.TypeOf<DestinationException>().With.Message.Contains("/reports/web-1.json").And.Property("ErrorCode").EqualTo("ReplicaMorphed"));
        Assert.That(await File.ReadAllTextAsync(DiskPath), Is.EqualTo("morphed"));
    }

    [Test]
    public async Task OpenAsync_CorruptMarker_ThrowsAndKeepsTheDisk()
    {
        await CommitAsync();
        await File.WriteAllTextAsync(MarkerPath, "{");

        Assert.That(async () => await OpenAsync(), Throws.TypeOf<DestinationException>().With.Message.Contains(MarkerPath));
        Assert.That(new FileInfo(DiskPath).Length, Is.EqualTo(Size));
    }

    [TestCase("g")]
    [TestCase("")]
    [TestCase("00")]
    public async Task OpenAsync_MarkerWhoseRootIsNone_IsUnknownUntilTheNextCommit(string end)
    {
        var root = await CommitAsync();
        await File.WriteAllTextAsync(MarkerPath, (await File.ReadAllTextAsync(MarkerPath)).Replace($"{root}", $"{root}"[..^1] + end, StringComparison.Ordinal));

        await using (var disk = await OpenAsync())
        {
            Assert.That(disk.Content, Is.EqualTo(DestinationContent.Unknown("the marker names no content")));
            await disk.CommitAsync(new StubManifest(Disk(), root));
        }

        await using var next = await OpenAsync();
        Assert.That(next.Content, Is.EqualTo(DestinationContent.Committed(root)));
        Assert.That(new FileInfo(DiskPath).Length, Is.EqualTo(Size));
    }

    [Test]
    public async Task OpenAsync_AfterCommit_ReportsTheRoot()
    {
        var root = await CommitAsync();

        await using var disk = await OpenAsync();

        Assert.That(disk.Content, Is.EqualTo(DestinationContent.Committed(root)));
    }

    [Test]
    public async Task OpenAsync_FileModifiedSinceCommit_IsUnknown()
    {
        await CommitAsync();
        await using (var file = File.OpenWrite(DiskPath))
        {
            file.WriteByte(0xFF);
        }

        await using var disk = await OpenAsync();

        Assert.That(disk.Content, Is.EqualTo(DestinationContent.Unknown("the file was modified since the last commit")));
    }

    [Test]
    public async Task OpenAsync_FileReplacedByACopySinceCommit_IsUnknown()
    {
        await CommitAsync();
        var modified = File.GetLastWriteTimeUtc(DiskPath);
        File.Copy(DiskPath, DiskPath + ".copy");
        File.SetLastWriteTimeUtc(DiskPath + ".copy", modified);
        File.Move(DiskPath + ".copy", DiskPath, overwrite: true);

        await using var disk = await OpenAsync();

        Assert.That(disk.Content, Is.EqualTo(DestinationContent.Unknown("the file was replaced since the last commit")));
    }

    [Test]
    public async Task OpenAsync_FileDeletedSinceCommit_IsZeroes()
    {
        await CommitAsync();
        File.Delete(DiskPath);

        await using var disk = await OpenAsync();

        Assert.That(disk.Content, Is.EqualTo(DestinationContent.Zeroes("the file was removed since the last execution")));
    }

    [Test]
    public async Task DisposeAsync_FileAwayForAMoment_LeavesWhatSaysWhatItHolds()
    {
        var root = await CommitAsync();
        var marker = await File.ReadAllBytesAsync(MarkerPath);
        File.Move(DiskPath, DiskPath + ".away");

        await (await OpenAsync()).DisposeAsync();

        Assert.That(Directory.EnumerateFiles(_folder.Path), Is.EquivalentTo([DiskPath + ".away", MarkerPath]));
        Assert.That(await File.ReadAllBytesAsync(MarkerPath), Is.EqualTo(marker));
        File.Move(DiskPath + ".away", DiskPath);
        await using var disk = await OpenAsync();
        Assert.That(disk.Content, Is.EqualTo(DestinationContent.Committed(root)));
    }

    [Test]
    public async Task OpenAsync_NewFileThatCannotHaveItsSize_LeavesTheMarkerOfTheFileThatIsAway([Values] bool wasCommitted)
    {
        if (wasCommitted)
        {
            await CommitAsync();
            File.Delete(DiskPath);
        }

        Assert.That(async () => await OpenAsync(sizeBytes: long.MaxValue), Throws.Exception);

        Assert.That(Directory.EnumerateFiles(_folder.Path), Is.EquivalentTo(wasCommitted ? [MarkerPath] : Array.Empty<string>()));
    }

    [Test]
    public async Task WriteAsync_FileRemovedSinceCommit_MarksTheNewOneDirty()
    {
        await CommitAsync();
        File.Delete(DiskPath);

        await using (var disk = await OpenAsync())
        {
            await disk.WriteAsync(0, Bytes(4096));
        }

        await using var next = await OpenAsync();
        Assert.That(next.Content, Is.EqualTo(DestinationContent.Unknown("an execution was interrupted")));
    }

    [Test]
    public async Task OpenAsync_FileTruncatedSinceCommit_IsUnknownAndGrowsOnTheFirstWrite()
    {
        await CommitAsync();
        await using (var file = File.OpenWrite(DiskPath))
        {
            file.SetLength(Size / 2);
        }

        await using var disk = await OpenAsync();
        await disk.WriteZeroesAsync(0, 4096);

        Assert.That(disk.Content.Kind, Is.EqualTo(DestinationContentKind.Unknown));
        Assert.That(new FileInfo(DiskPath).Length, Is.EqualTo(Size));
    }

    [Test]
    public async Task WriteAsync_First_MarksTheDiskDirtyBeforeTheFileChanges()
    {
        await CommitAsync();
        var before = await File.ReadAllBytesAsync(DiskPath);

        await using (var disk = await OpenAsync())
        {
            // With the name of the marker taken by a folder, the mark fails; then the bytes must not have changed.
            File.Move(MarkerPath, MarkerPath + ".away");
            Directory.CreateDirectory(Path.Combine(MarkerPath, "occupied"));

            Assert.That(async () => await disk.WriteAsync(0, new byte[4096]), Throws.TypeOf<DestinationException>());
        }

        Assert.That(await File.ReadAllBytesAsync(DiskPath), Is.EqualTo(before));
    }

    [Test]
    public async Task DisposeAsync_NewDiskWithoutWrite_LeavesNothingBehind()
    {
        await (await OpenAsync()).DisposeAsync();

        Assert.That(Directory.EnumerateFileSystemEntries(_folder.Path), Is.Empty);
    }

    [Test]
    public async Task WriteZeroesAsync_WrittenRange_FreesItsSpace()
    {
        Assume.That(OperatingSystem.IsLinux());
        await using var disk = await OpenAsync();
        await disk.WriteAsync(0, Bytes(Size));

        await disk.WriteZeroesAsync(0, Size);

        Assert.That(AllocatedBytes(DiskPath), Is.LessThan(Size / 2));
    }

    [Test]
    public async Task WriteAsync_FullDevice_ThrowsWithTheBytesThatDidNotFit()
    {
        Assume.That(File.Exists("/dev/full"));
        var target = new RawTarget("/dev/full", File.OpenHandle("/dev/full", access: FileAccess.ReadWrite), DestinationContent.Unknown("a test"))
        {
            IsFile = false,
        };
        await using var disk = new RawDiskWriter(target, new RawMarkerFile(MarkerPath, Disk()), Disk(), 1);

        var exception = Assert.ThrowsAsync<DestinationException>(async () => await disk.WriteAsync(0, Bytes(4096)))!;

        Assert.That(exception.ErrorCode, Is.EqualTo("ENOSPC"));
        Assert.That(exception.Message, Does.Contain("'/dev/full' is full: 4096 bytes at byte 0"));
    }

    [Test]
    public async Task WriteAsync_BeyondTheDisk_Throws()
    {
        await using var disk = await OpenAsync();

        Assert.That(async () => await disk.WriteAsync(Size - 1, new byte[2]), Throws.InstanceOf<ArgumentOutOfRangeException>());
    }

    [Test]
    public void OpenAsync_BlockDeviceThatIsAFile_Throws()
    {
        File.WriteAllText(Path.Combine(_folder.Path, "file"), "");
        var options = new RawDestinationOptions { Directory = _folder.Path, BlockDevices = { ["vol-1"] = Path.Combine(_folder.Path, "file") } };

        Assert.That(
            async () => await new RawDestinationWriter(Options.Create(options)).OpenAsync(Disk()),
            Throws.TypeOf<DestinationException>().With.Message.Contains("is not a block device"));
    }

    [Test]
    public async Task CommitAsync_WritesAMarkerThatOnlyTheOwnerMayRead()
    {
        await CommitAsync();

        using var marker = JsonDocument.Parse(await File.ReadAllBytesAsync(MarkerPath));
        Assert.That(marker.RootElement.GetProperty("state").GetString(), Is.EqualTo("Clean"));
        Assert.That(marker.RootElement.GetProperty("executionId").GetString(), Is.EqualTo("exec-1"));
        if (!OperatingSystem.IsWindows())
        {
            Assert.That(File.GetUnixFileMode(MarkerPath), Is.EqualTo(UnixFileMode.UserRead | UnixFileMode.UserWrite));
        }
    }

    private static DiskDescriptor Disk(string diskId = "vol-1", long sizeBytes = Size) =>
        new() { ReplicaId = "replica-1", InstanceId = "i-1", DiskId = diskId, SizeBytes = sizeBytes };

    private static byte[] Bytes(int length)
    {
        var bytes = new byte[length];
        new Random(1).NextBytes(bytes);
        return bytes;
    }

    private static long AllocatedBytes(string path)
    {
        using var stat = System.Diagnostics.Process.Start(
            new System.Diagnostics.ProcessStartInfo("stat", ["-c", "%b", path]) { RedirectStandardOutput = true })!;
        return long.Parse(stat.StandardOutput.ReadToEnd(), System.Globalization.CultureInfo.InvariantCulture) * 512;
    }

    private Task<IDiskWriter> OpenAsync(string? folder = null, string diskId = "vol-1", long sizeBytes = Size) =>
        new RawDestinationWriter(Options.Create(new RawDestinationOptions { Directory = folder ?? _folder.Path })).OpenAsync(Disk(diskId, sizeBytes));

    private async Task<ChunkDigest> CommitAsync()
    {
        await using var disk = await OpenAsync();
        await disk.WriteAsync(0, Bytes(Size));
        var manifest = new StubManifest(Disk(), ChunkDigest.Compute(Bytes(Size)));
        await disk.CommitAsync(manifest);
        return manifest.ContentRoot;
    }
}
