using System.Diagnostics;
using Coriolis.Destinations.Conformance;
using Coriolis.Providers;
using Microsoft.Extensions.Options;

namespace Coriolis.Destinations.Tests;

/// <summary>Against loop devices; without the right to make one, the tests are skipped.</summary>
[NonParallelizable]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class RawBlockDeviceTests : IDisposable
{
    private const int Size = 1024 * 1024;

    private readonly TemporaryFolder _folder = new();
    private readonly string _device;

    public RawBlockDeviceTests()
    {
        var backing = Path.Combine(_folder.Path, "backing");
        using (var file = File.Create(backing))
        {
            file.SetLength(Size);
        }

        _device = Run("losetup", "--find", "--show", backing);
    }

    public void Dispose()
    {
        if (_device.Length > 0)
        {
            Run("losetup", "--detach", _device);
        }

        _folder.Dispose();
    }

    [SetUp]
    public void NeedsALoopDevice() => Assume.That(_device, Does.StartWith("/dev/loop"), "needs root and loop devices");

    [Test]
    public async Task WriteAsync_BlockDevice_KeepsWhatWasCommitted()
    {
        var bytes = new byte[Size];
        new Random(1).NextBytes(bytes);
        await using (var disk = await OpenAsync(Size))
        {
            await disk.WriteAsync(0, bytes);
            await disk.WriteZeroesAsync(4096, 8192);
            await disk.CommitAsync(new StubManifest(Disk(Size), ChunkDigest.Compute(bytes)));
        }

        await using var reopened = await OpenAsync(Size);
        var actual = new byte[Size];
        await reopened.ReadAsync(0, actual);

        bytes.AsSpan(4096, 8192).Clear();
        Assert.That(actual, Is.EqualTo(bytes));
        Assert.That(reopened.Content.Kind, Is.EqualTo(DestinationContentKind.Unknown), "a device does not show modifications");
    }

    [Test]
    public void OpenAsync_DeviceTooSmall_ThrowsAndNamesBothSizes()
    {
        Assert.That(
            async () => await OpenAsync(Size + 512),
            Throws.TypeOf<DestinationException>().With.Message.Contains($"{Size} bytes").And.Message.Contains($"{Size + 512}"));
    }

    [Test]
    public async Task OpenAsync_DeviceThatIsOpen_ThrowsInUse()
    {
        await using var disk = await OpenAsync(Size);

        Assert.That(async () => await OpenAsync(Size), Throws.TypeOf<DestinationException>().With.Message.Contains("in use"));
    }

    private static DiskDescriptor Disk(long size) =>
        new() { ReplicaId = "replica-1", InstanceId = "i-1", DiskId = "vol-1", SizeBytes = size };

    private static string Run(string program, params string[] arguments)
    {
        if (!OperatingSystem.IsLinux() || !Environment.IsPrivilegedProcess || !File.Exists("/dev/loop-control"))
        {
            return "";
        }

        using var process = Process.Start(
            new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        return process.StandardOutput.ReadToEnd().Trim();
    }

    private Task<IDiskWriter> OpenAsync(long size)
    {
        var options = new RawDestinationOptions { Directory = _folder.Path, BlockDevices = { ["vol-1"] = _device } };
        return new RawDestinationWriter(Options.Create(options)).OpenAsync(Disk(size));
    }
}
