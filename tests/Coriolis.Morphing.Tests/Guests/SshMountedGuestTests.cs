using Coriolis.Morphing.Runs;
using Coriolis.Morphing.Ssh;
using Coriolis.Morphing.Tests.Support;
using Coriolis.Providers;

namespace Coriolis.Morphing.Tests.Guests;

/// <summary>A guest that is mounted on a machine which a real sshd gives access to.</summary>
public sealed class SshMountedGuestTests : MountedGuestConformance
{
    private SshServer _server = null!;

    [OneTimeSetUp]
    public void StartServer() => _server = SshServer.Start();

    [OneTimeTearDown]
    public void StopServer() => _server?.Dispose();

    private protected override async Task<IGuestRoot> OpenAsync(string directory) => await SshGuestRoot.ConnectAsync(_server.Options(directory));

    [Test]
    public async Task MorphMountedAsync_ConnectionIsLost_LeavesTheGuestAndNothingOnTheMachine()
    {
        using var mounted = new MountedGuest(OddMorpher.Prepare);
        var before = mounted.Snapshot();
        var guest = await SshGuestRoot.ConnectAsync(_server.Options(mounted.Root));
        var morphing = new GuestMorphing([new OddMorpher(), new CallingMorpher(guest.Dispose)], TimeProvider.System);

        Assert.That(async () => await morphing.MorphMountedAsync(guest, new() { ReportPath = mounted.Report }), Throws.TypeOf<GuestException>());

        Assert.That(mounted.Snapshot(), Is.EqualTo(before));
        Assert.That(File.Exists(mounted.Report), Is.False);

        // The namespace of the run holds the loop device until the other side has seen the end of the connection.
        Assert.That(mounted.Unmount(), Is.Empty);
    }

    [Test]
    public async Task MorphMountedAsync_FileSystemsThatTheCallerKnows_AreWhatMorphersSee()
    {
        using var mounted = new MountedGuest(OddMorpher.Prepare);
        var server = _server.Options(mounted.Root);
        var options = new SshGuestOptions
        {
            Host = server.Host,
            Port = server.Port,
            PrivateKey = server.PrivateKey,
            HostKey = server.HostKey,
            Directory = server.Directory,
            FileSystems = [new() { Type = "ext4", Uuid = "1b2c", MountPoint = "/" }],
        };
        using var guest = await SshGuestRoot.ConnectAsync(options);
        var seen = new List<IGuestRoot>();

        await new GuestMorphing([new CallingMorpher(root => seen.Add(root))], TimeProvider.System).MorphMountedAsync(guest, new() { ReportPath = mounted.Report });

        Assert.That(seen.Single().FileSystems, Is.EqualTo(options.FileSystems));
        Assert.That(seen.Single().Description, Is.EqualTo(guest.Description));
    }

    [Test]
    public async Task UndoMountedAsync_ReportOfDisks_IsRefused()
    {
        using var disk = new SmallGuest();
        disk.MakeDisk();
        var result = await disk.MorphAsync();
        using var mounted = new MountedGuest(OddMorpher.Prepare);
        using var guest = await SshGuestRoot.ConnectAsync(_server.Options(mounted.Root));

        Assert.That(
            async () => await disk.Morphing.UndoMountedAsync(guest, result.ReportPath!),
            Throws.TypeOf<GuestException>().With.Message.Contains(disk.Disk));
    }

    /// <summary>Does something of the test's own in the middle of a run.</summary>
    private sealed class CallingMorpher(Action<IGuestRoot> call) : IOsMorpher
    {
        public CallingMorpher(Action call)
            : this(_ => call())
        {
        }

        public string Name => "call";

        public ValueTask<bool> CanMorphAsync(IGuestRoot guest, GuestOs os, CancellationToken cancellationToken = default) => ValueTask.FromResult(true);

        public Task<MorphReport> MorphAsync(IGuestRoot guest, GuestOs os, MorphRequest request, CancellationToken cancellationToken = default)
        {
            call(guest);
            return Task.FromResult(new MorphReport(Name, [], []));
        }
    }
}
