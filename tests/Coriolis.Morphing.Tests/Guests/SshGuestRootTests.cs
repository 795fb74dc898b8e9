using Coriolis.Morphing.Ssh;
using Coriolis.Morphing.Tests.Support;
using Coriolis.Providers;
using Microsoft.Extensions.Time.Testing;

namespace Coriolis.Morphing.Tests.Guests;

/// <summary>A guest in a directory that a real sshd gives access to.</summary>
public sealed class SshGuestRootTests : GuestRootConformance
{
    private SshServer _server = null!;
    private TemporaryDirectory _directory = null!;

    [OneTimeSetUp]
    public void StartServer() => _server = SshServer.Start();

    [OneTimeTearDown]
    public void StopServer() => _server?.Dispose();

    [SetUp]
    public void CreateDirectory() => _directory = new();

    [TearDown]
    public void DeleteDirectory() => _directory.Dispose();

    private protected override async Task<IGuestRoot> OpenAsync(string directory) => await SshGuestRoot.ConnectAsync(_server.Options(directory));

    [Test]
    public async Task ConnectAsync_AnyOfTheServersKeys_IsAcceptedWhenItIsTheOneThatWasGiven()
    {
        using var guest = await SshGuestRoot.ConnectAsync(_server.Options(_directory.Path, "ecdsa"));

        Assert.That((await guest.GetFileAsync("/"))!.Kind, Is.EqualTo(GuestFileKind.Directory));
    }

    [Test]
    public void ConnectAsync_OtherHostKey_IsRefused()
    {
        Machine.Run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", _directory.Below("other"));
        var right = _server.Options(_directory.Path);
        var wrong = new SshGuestOptions
        {
            Host = right.Host,
            Port = right.Port,
            PrivateKey = right.PrivateKey,
            HostKey = File.ReadAllText(_directory.Below("other.pub")),
            Directory = right.Directory,
        };

        Assert.That(
            async () => await SshGuestRoot.ConnectAsync(wrong),
            Throws.TypeOf<GuestException>().With.Message.Contains("host key").And.Property("IsTransient").False);
    }

    [Test]
    public void ConnectAsync_NoSuchDirectory_ThrowsGuestException()
    {
        Assert.That(async () => await SshGuestRoot.ConnectAsync(_server.Options("/none/at/all")), Throws.TypeOf<GuestException>());
    }

    [Test]
    public async Task ListAsync_NamesThatShellsStumbleOver_AreTakenAsTheyAre()
    {
        string[] names = ["$(touch x)", "'quoted'", "*", "-rf", ".hidden", "two  spaces", "with\nnewline", "ünïcode"];
        foreach (var name in names)
            File.WriteAllText(_directory.Below(name), name);
        using var guest = await SshGuestRoot.ConnectAsync(_server.Options(_directory.Path));

        var listed = await guest.ListAsync("/").Select(file => file.Path[1..]).ToListAsync();
        foreach (var name in names)
            await guest.WriteAsync("/" + name, System.Text.Encoding.UTF8.GetBytes(name + "!"), UnixFileMode.UserRead);

        Assert.That(listed, Is.EqualTo(names.Order(StringComparer.Ordinal)));
        Assert.That(names.Select(name => File.ReadAllText(_directory.Below(name))), Is.EqualTo(names.Select(name => name + "!")));
        await guest.DeleteAsync("/*");
        Assert.That(Directory.GetFiles(_directory.Path), Has.Length.EqualTo(names.Length - 1));
    }

    [Test]
    public async Task WriteAsync_ConnectionEndsInTheMiddle_LeavesTheOldFileAndNothingBeside()
    {
        _directory.Write("etc/passwd", "old");
        using var host = await SshHost.ConnectAsync(_server.Options(_directory.Path), TimeProvider.System, CancellationToken.None);

        // The script is promised more than it gets, as when a connection ends.
        Assert.That(
            async () => await host.RunScriptAsync(
                new(GuestScripts.Write, [_directory.Path, "/etc/passwd", "644", ".new", "10"]) { WriteInput = (input, token) => input.WriteAsync("half"u8.ToArray(), token).AsTask() },
                default),
            Throws.TypeOf<IOException>());
        Assert.That(File.ReadAllText(_directory.Below("etc/passwd")), Is.EqualTo("old"));
        Assert.That(Directory.GetFileSystemEntries(_directory.Below("etc")), Has.Length.EqualTo(1));
    }

    [Test]
    public async Task MorphInPlaceAsync_GuestOnAWorker_IsMorphedLikeALocalOne()
    {
        using var guest = new SmallGuest();
        using var remote = await SshGuestRoot.ConnectAsync(_server.Options(guest.Files.Path));

        var result = await guest.Morphing.MorphInPlaceAsync(remote, new());

        Assert.That(result.Os.Id, Is.EqualTo("debian"));
        Assert.That(File.Exists(guest.Files.Below("etc/cloud/cloud-init.disabled")), Is.True);
        Assert.That(result.Morphs.SelectMany(morph => morph.Changes), Is.Not.Empty);
    }

    [Test]
    public async Task RunAsync_ConnectionIsLost_KillsWhatRuns()
    {
        MiniGuest.Install(_directory);
        Machine.Run("mkfifo", _directory.Below("alive"));
        var guest = await SshGuestRoot.ConnectAsync(_server.Options(_directory.Path));

        var run = guest.RunAsync(new() { Program = "sh", Arguments = ["-c", "exec 5>/alive; echo up >&5; sleep 54321 & sleep 54321"] });
        using var alive = new StreamReader(_directory.Below("alive"));
        await alive.ReadLineAsync();
        guest.Dispose();

        Assert.That(await alive.ReadToEndAsync(), Is.Empty, "a FIFO ends when nothing writes to it any more");
        Assert.That(async () => await run, Throws.TypeOf<GuestException>());
    }

    [Test]
    public async Task RunAsync_NotEndedInTime_KillsAndThrows()
    {
        MiniGuest.Install(_directory);
        Machine.Run("mkfifo", _directory.Below("started"));
        var clock = new FakeTimeProvider();
        using var guest = await SshGuestRoot.ConnectAsync(_server.Options(_directory.Path), clock);

        var run = guest.RunAsync(new() { Program = "sh", Arguments = ["-c", "echo > /started; sleep 12322"], Timeout = TimeSpan.FromMinutes(1) });
        File.ReadAllText(_directory.Below("started"));
        clock.Advance(TimeSpan.FromMinutes(2));

        Assert.That(async () => await run, Throws.TypeOf<GuestException>().With.Message.Contains("60 s"));
        Assert.That(Machine.TryRun("pgrep", "-f", "sleep 12322").Output, Is.Empty);
    }
}
