using Coriolis.Morphing.Guests;
using Coriolis.Morphing.Runs;
using Coriolis.Morphing.Tests.Support;
using Coriolis.Providers;

namespace Coriolis.Morphing.Tests.Guests;

/// <summary>What stage, report and undo of a guest that somebody else has mounted must do, whichever way its directory is reached.</summary>
/// <remarks>The guest is looked at through its mount, from outside.</remarks>
public abstract class MountedGuestConformance
{
    private MountedGuest _mounted = null!;
    private IGuestRoot _guest = null!;

    private static GuestMorphing Odd => new([new OddMorpher()], TimeProvider.System);

    private static GuestMorphing Marking => new([new WritingMorpher()], TimeProvider.System);

    private protected abstract Task<IGuestRoot> OpenAsync(string directory);

    [SetUp]
    public async Task MountGuest()
    {
        _mounted = new(OddMorpher.Prepare);
        _guest = await OpenAsync(_mounted.Root);
    }

    [TearDown]
    public void UnmountGuest()
    {
        (_guest as IDisposable)?.Dispose();
        _mounted?.Dispose();
    }

    [Test]
    public async Task A_dry_run_reports_every_change_and_makes_none()
    {
        var before = _mounted.Snapshot();

        var result = await Odd.MorphMountedAsync(_guest, new() { ReportPath = _mounted.Report, DryRun = true });

        Assert.That(_mounted.Snapshot(), Is.EqualTo(before));
        Assert.That(File.Exists(_mounted.Report), Is.False);
        Assert.That(result.Morphs.Single().Changes.Single().Why, Is.EqualTo("chmod ended with 0"));
        Assert.That(Lines(result), Is.EqualTo(ExpectedLines().Order(StringComparer.Ordinal)));
    }

    [Test]
    public async Task A_morph_leaves_what_the_dry_run_said()
    {
        var said = await Odd.MorphMountedAsync(_guest, new() { ReportPath = _mounted.Report, DryRun = true });

        var done = await Odd.MorphMountedAsync(_guest, new() { ReportPath = _mounted.Report });

        Assert.That(Lines(done), Is.EqualTo(Lines(said)));
        Assert.That(File.ReadAllText(_mounted.Below("etc/a-directory")), Is.EqualTo("new /etc/a-directory"));
        Assert.That(File.ReadAllText(_mounted.Below("home/new")), Is.EqualTo("new /home/new"));
        Assert.That(Directory.GetFileSystemEntries(_mounted.Below("etc/again")).Select(Path.GetFileName).Order(), Is.EqualTo((string[])["both", "new"]));
        Assert.That(
            Machine.Run("sh", "-c", "cd \"$0\"; stat --format '%n %a %u:%g %s' usr/bin/ping etc/shadow home/user/.profile; getfattr --dump --match=- --encoding=hex usr/bin/ping", _mounted.Root),
            Is.EqualTo("usr/bin/ping 4750 0:0 17\netc/shadow 600 0:0 6\nhome/user/.profile 644 1000:1001 23\n"
                + "# file: usr/bin/ping\nsecurity.capability=0x01000002c0200080000000000000000000000000\n\n"));
        foreach (var file in done.Files.Where(file => file.After is { Sha256: not null }))
            Assert.That(Machine.Run("sha256sum", "--zero", _mounted.Below(file.Path)), Does.StartWith(file.After!.Sha256!), file.Path);
    }

    [Test]
    public async Task A_second_morph_finds_nothing_to_do()
    {
        await Marking.MorphMountedAsync(_guest, new() { ReportPath = _mounted.Report });
        var before = _mounted.Snapshot();

        var second = await Marking.MorphMountedAsync(_guest, new() { ReportPath = _mounted.Report });

        Assert.That(second.Files, Is.Empty);
        Assert.That(_mounted.Snapshot(), Is.EqualTo(before));
    }

    [Test]
    public async Task An_undo_restores_every_entry_with_its_times()
    {
        var before = _mounted.Snapshot();
        await Odd.MorphMountedAsync(_guest, new() { ReportPath = _mounted.Report });
        Assert.That(_mounted.Snapshot(), Is.Not.EqualTo(before));

        var count = await Odd.UndoMountedAsync(_guest, _mounted.Report);

        Assert.That(count, Is.EqualTo(ExpectedLines().Count()));
        Assert.That(_mounted.Snapshot(), Is.EqualTo(before));
        Assert.That(await Odd.UndoMountedAsync(_guest, _mounted.Report), Is.Zero);
    }

    [Test]
    public async Task What_a_program_of_the_guest_made_has_the_label_of_what_was_there_or_of_its_directory()
    {
        Machine.Run("sh", "-ec", """
            cd "$0"
            label() { find "$1" -exec setfattr -h -n security.selinux -v "$2" {} +; }
            label etc etc_t; label home home_t; label etc/shadow shadow_t; setfattr -n security.selinux -v root_t .
            """, _mounted.Root);
        var before = _mounted.Snapshot();
        var morphing = new GuestMorphing([new RewritingMorpher()], TimeProvider.System);

        var result = await morphing.MorphMountedAsync(_guest, new() { ReportPath = _mounted.Report });

        Assert.That(
            Lines(result),
            Is.EqualTo((string[])["+ /etc/new", "+ /etc/new/file", "+ /home/new", "+ /top", "~ /etc/shadow"]), "a file with the same bytes is the same");
        Assert.That(
            Machine.Run("sh", "-c", "cd \"$0\"; for path in etc/new etc/new/file etc/rewritten etc/shadow home/new top; do getfattr --only-values -n security.selinux $path; echo; done", _mounted.Root),
            Is.EqualTo("etc_t\netc_t\netc_t\nshadow_t\nhome_t\nroot_t\n"));
        await morphing.UndoMountedAsync(_guest, _mounted.Report);

        Assert.That(_mounted.Snapshot(), Is.EqualTo(before));
    }

    [Test]
    public async Task An_undo_of_a_guest_that_was_used_since_is_refused()
    {
        await Odd.MorphMountedAsync(_guest, new() { ReportPath = _mounted.Report });
        File.AppendAllText(_mounted.Below("home/new"), "more");
        var before = _mounted.Snapshot();

        Assert.That(
            async () => await Odd.UndoMountedAsync(_guest, _mounted.Report),
            Throws.TypeOf<GuestException>().With.Message.Contains("/home/new").And.Property("ErrorCode").EqualTo("GuestChangedSinceMorph"));
        Assert.That(_mounted.Snapshot(), Is.EqualTo(before));
    }

    [Test]
    public async Task A_run_that_ended_while_it_wrote_is_taken_back_by_the_next()
    {
        var before = _mounted.Snapshot();
        await Odd.MorphMountedAsync(_guest, new() { ReportPath = _mounted.Report });

        // As a kill leaves it: the report says that the guest is being written, and some of the changes are there.
        var report = File.ReadAllText(_mounted.Report);
        File.WriteAllText(_mounted.Report, report.Replace("\"state\": \"Applied\"", "\"state\": \"Applying\"", StringComparison.Ordinal));
        Assert.That(File.ReadAllText(_mounted.Report), Is.Not.EqualTo(report));
        File.WriteAllText(_mounted.Below("var/.coriolis-morph.new"), "half");
        File.Delete(_mounted.Below("etc/a-directory"));
        Directory.Delete(_mounted.Below("etc/again"), recursive: true);

        await Odd.MorphMountedAsync(_guest, new() { ReportPath = _mounted.Report });
        Assert.That(File.ReadAllText(_mounted.Below("etc/a-directory")), Is.EqualTo("new /etc/a-directory"));
        await Odd.UndoMountedAsync(_guest, _mounted.Report);

        Assert.That(_mounted.Snapshot(), Is.EqualTo(before));
    }

    [Test]
    public async Task An_undo_that_ended_while_it_wrote_can_be_repeated()
    {
        var before = _mounted.Snapshot();
        await Odd.MorphMountedAsync(_guest, new() { ReportPath = _mounted.Report });

        // Something was put into what the morph created, which no report knows: the undo cannot remove that directory.
        var foreign = _mounted.Below("etc/a-file/deep/foreign");
        File.WriteAllText(foreign, "");
        Assert.That(async () => await Odd.UndoMountedAsync(_guest, _mounted.Report), Throws.TypeOf<GuestException>().With.Message.Contains("in between"));
        File.Delete(foreign);
        await Odd.UndoMountedAsync(_guest, _mounted.Report);

        Assert.That(_mounted.Snapshot(), Is.EqualTo(before));
    }

    [Test]
    public async Task A_file_system_that_is_full_leaves_the_guest_as_it_was()
    {
        Machine.TryRun("dd", "if=/dev/zero", $"of={_mounted.Below("ballast")}", "bs=64k");
        Machine.Run("sh", "-ec", "cd \"$0\"; truncate --size=-600K ballast; chown 1:1 ballast; touch -r etc .", _mounted.Root);
        var before = _mounted.Snapshot();

        Assert.That(
            async () => await new GuestMorphing([new FillingMorpher()], TimeProvider.System).MorphMountedAsync(_guest, new() { ReportPath = _mounted.Report }),
            Throws.TypeOf<GuestException>().With.Message.Contains("are as they were"));

        Assert.That(_mounted.Snapshot(), Is.EqualTo(before));
        Assert.That(await Odd.UndoMountedAsync(_guest, _mounted.Report), Is.Zero);
    }

    [Test]
    public async Task A_run_that_fails_for_any_reason_while_it_writes_takes_itself_back()
    {
        var place = Directory.CreateDirectory(_mounted.Below("var/deep")).FullName;
        Machine.Run("chmod", "2750", place);
        var before = Machine.Run("find", _mounted.Root, "-xdev", "-printf", "%p %y %m %U:%G %s\n");

        // The report is dated between the last look at the guest and the first write.
        var morphing = new GuestMorphing([new WritingMorpher(), new NestingMorpher()], new DatingClock(() => Directory.Delete(place)));
        Assert.That(
            async () => await morphing.MorphMountedAsync(_guest, new() { ReportPath = _mounted.Report }),
            Throws.TypeOf<GuestException>().With.Message.Contains("are as they were"));

        Assert.That(Machine.Run("find", _mounted.Root, "-xdev", "-printf", "%p %y %m %U:%G %s\n"), Is.EqualTo(before));
        Assert.That(File.ReadAllText(_mounted.Report), Does.Contain("\"state\": \"Undone\""));
    }

    [Test]
    public async Task After_a_run_nobody_holds_the_guest()
    {
        await Odd.MorphMountedAsync(_guest, new() { ReportPath = _mounted.Report });
        (_guest as IDisposable)?.Dispose();

        Assert.That(_mounted.Unmount(), Is.Empty);
        Assert.That(File.ReadAllText("/proc/mounts"), Does.Not.Contain("coriolis-morph"));
    }

    [Test]
    public async Task A_guest_that_runs_nothing_known_is_left_alone()
    {
        File.Delete(_mounted.Below("etc/os-release"));
        var before = _mounted.Snapshot();

        var result = await new GuestMorphing([], TimeProvider.System).MorphMountedAsync(_guest, new() { ReportPath = _mounted.Report });

        Assert.That(result.Os.Type, Is.EqualTo(OsType.Other));
        Assert.That(result.Warnings, Has.Some.Contains("nothing was changed"));
        Assert.That(_mounted.Snapshot(), Is.EqualTo(before));
    }

    private static IEnumerable<string> Lines(GuestMorphResult result) => result.Files
        .Select(file => $"{(file.Before is null ? '+' : file.After is null ? '-' : '~')} {file.Path}").Order(StringComparer.Ordinal);

    private static IEnumerable<string> ExpectedLines() =>
    [
        "- /etc/gone", "- /etc/gone/deep", "- /etc/gone/device", "- /etc/gone/fifo", "- /etc/gone/huge", "- /etc/gone/link",
        .. OddMorpher.Names.Select(name => $"- /etc/gone/deep/{name}"),
        "- /etc/a-directory/b", "- /etc/a-directory/b/c", "~ /etc/a-directory",
        "~ /etc/a-file", "+ /etc/a-file/deep", "+ /etc/a-file/deep/new",
        "~ /etc/again", "~ /etc/again/both", "+ /etc/again/new", "- /etc/again/old",
        "+ /top", "~ /etc/shadow", "~ /home/user/.profile", "+ /home/new", "~ /usr/bin/ping",
        .. OddMorpher.Names.SelectMany(name => (string[])[$"~ /etc/names/{name}", $"~ /etc/links/{name}", $"+ /var/{name}"]),
    ];

    /// <summary>Lets a program of the guest make files as those of packages do: under another name first.</summary>
    private sealed class RewritingMorpher : IOsMorpher
    {
        private const string Script = """
            cd /
            for file in etc/rewritten etc/shadow; do cat $file > $file.new; done
            echo more >> etc/shadow.new
            for file in etc/rewritten etc/shadow; do mv $file.new $file; done
            mkdir etc/new; : > etc/new/file; : > home/new; : > top
            """;

        public string Name => "rewrite";

        public ValueTask<bool> CanMorphAsync(IGuestRoot guest, GuestOs os, CancellationToken cancellationToken = default) => ValueTask.FromResult(true);

        public async Task<MorphReport> MorphAsync(IGuestRoot guest, GuestOs os, MorphRequest request, CancellationToken cancellationToken = default)
        {
            await guest.RunAsync(new() { Program = "sh", Arguments = ["-ec", Script] }, cancellationToken);
            return new(Name, [], []);
        }
    }

    private sealed class NestingMorpher : IOsMorpher
    {
        public string Name => "nest";

        public ValueTask<bool> CanMorphAsync(IGuestRoot guest, GuestOs os, CancellationToken cancellationToken = default) => ValueTask.FromResult(true);

        public async Task<MorphReport> MorphAsync(IGuestRoot guest, GuestOs os, MorphRequest request, CancellationToken cancellationToken = default)
        {
            await guest.WriteAsync("/var/deep/new", "x"u8.ToArray(), UnixFileMode.UserRead, cancellationToken);
            return new(Name, [], []);
        }
    }

    /// <summary>The system's clock, which does something when it is first asked for the time of day.</summary>
    private sealed class DatingClock(Action asked) : TimeProvider
    {
        private Action? _asked = asked;

        public override DateTimeOffset GetUtcNow()
        {
            Interlocked.Exchange(ref _asked, null)?.Invoke();
            return base.GetUtcNow();
        }
    }

    /// <summary>Writes more than the file system has room for.</summary>
    private sealed class FillingMorpher : IOsMorpher
    {
        public string Name => "fill";

        public ValueTask<bool> CanMorphAsync(IGuestRoot guest, GuestOs os, CancellationToken cancellationToken = default) => ValueTask.FromResult(true);

        public async Task<MorphReport> MorphAsync(IGuestRoot guest, GuestOs os, MorphRequest request, CancellationToken cancellationToken = default)
        {
            await guest.WriteAsync("/etc/first", "fits"u8.ToArray(), UnixFileMode.UserRead, cancellationToken);
            await guest.WriteAsync("/etc/second", new byte[2 * 1024 * 1024], UnixFileMode.UserRead, cancellationToken);
            return new(Name, [], []);
        }
    }
}

/// <summary>A guest that is mounted on this machine.</summary>
public sealed class LocalMountedGuestTests : MountedGuestConformance
{
    private protected override Task<IGuestRoot> OpenAsync(string directory) => Task.FromResult<IGuestRoot>(LocalGuestRoot.Open(directory));
}
