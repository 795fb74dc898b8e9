using System.Diagnostics;
using Coriolis.Morphing.Mounting;
using Coriolis.Morphing.Tests.Support;

namespace Coriolis.Morphing.Tests.Mounting;

/// <summary>A morph in its own mount namespace, beside a host whose mounts come and go.</summary>
public sealed class MountNamespaceTests
{
    private ContainerDisk _disks = null!;
    private string _disk = null!;
    private string _mounted = null!;

    /// <summary>A file system of the host, mounted where mounts are shared, as they are where systemd runs.</summary>
    [SetUp]
    public void MountAFileSystem()
    {
        Machine.NeedsRoot();
        Machine.NeedsProgram("mkfs.ext4");
        _disks = new();
        _disk = _disks.Create("disk.raw", 8);
        Machine.Run("mkfs.ext4", "-q", _disk);
        var shared = new TemporaryDirectory();
        _disks.OnDispose(shared.Dispose);
        Machine.Run("mount", "-t", "tmpfs", "tmpfs", shared.Path);
        _disks.OnDispose(() => Machine.TryRun("umount", "--recursive", shared.Path));
        Machine.Run("mount", "--make-shared", shared.Path);
        _mounted = shared.Below("mounted");
        Directory.CreateDirectory(_mounted);
        Machine.Run("mount", "-o", "loop", _disk, _mounted);
    }

    [TearDown]
    public void Unmount() => _disks?.Dispose();

    [Test]
    public async Task RunAsync_HostUnmountsMeanwhile_TheNamespaceLetsGoOfItsDevice()
    {
        await using var space = await MountNamespace.CreateAsync(TimeProvider.System, CancellationToken.None);

        Machine.Run("umount", _mounted);

        Assert.That(Held(), Is.Empty);
        Assert.That((await space.TryRunAsync(["true"], CancellationToken.None)).ExitCode, Is.Zero);
    }

    [Test]
    public async Task RunAsync_HostUnmountsWhileAProgramOfTheGuestRuns_ItsNamespaceLetsGoOfTheDevice()
    {
        using var guest = new TemporaryDirectory();
        MiniGuest.Install(guest);
        await using var space = await MountNamespace.CreateAsync(TimeProvider.System, CancellationToken.None);
        await space.RunAsync(["cp", "--archive", guest.Path, MountNamespace.Inside("guest")], CancellationToken.None);
        Machine.Run("mkfifo", Path.Combine(space.Outside("guest"), "started"), Path.Combine(space.Outside("guest"), "go"));
        var root = space.OpenRoot("guest", "a guest", []);
        var run = root.RunAsync(new() { Program = "sh", Arguments = ["-c", "echo > /started; cat /go"] });
        await File.ReadAllTextAsync(Path.Combine(space.Outside("guest"), "started"));

        Machine.Run("umount", _mounted);

        var held = Held();
        await File.WriteAllTextAsync(Path.Combine(space.Outside("guest"), "go"), "done");
        Assert.That(held, Is.Empty);
        Assert.That((await run).Output, Is.EqualTo("done"));
    }

    // Mount namespaces that other tests make at this moment, such as those of machines, keep a copy of all mounts as long as they live.
    private string Held()
    {
        var waited = Stopwatch.StartNew();
        string held;
        do
            held = Machine.Run("losetup", "--associated", _disk);
        while (held.Length > 0 && waited.Elapsed < TimeSpan.FromMinutes(2));
        return held;
    }
}
