using System.Text;
using Coriolis.Morphing.Tests.Support;
using Coriolis.Providers;

namespace Coriolis.Morphing.Tests.Guests;

/// <summary>What every guest root must do, whichever way it reaches the guest's directory.</summary>
/// <remarks>The guest is looked at through its directory, from outside.</remarks>
public abstract class GuestRootConformance
{
    private const UnixFileMode Plain = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    private TemporaryDirectory _directory = null!;
    private TemporaryDirectory _outside = null!;

    private protected IGuestRoot Guest { get; private set; } = null!;

    private protected abstract Task<IGuestRoot> OpenAsync(string directory);

    [SetUp]
    public async Task OpenGuest()
    {
        _directory = new();
        _outside = new();
        Guest = await OpenAsync(_directory.Path);
    }

    [TearDown]
    public void CloseGuest()
    {
        (Guest as IDisposable)?.Dispose();
        _directory?.Dispose();
        _outside?.Dispose();
    }

    [Test]
    public async Task Reading_a_file_gives_its_bytes()
    {
        _directory.Write("etc/hostname", "web-1\n");

        var contents = await Guest.ReadAsync("/etc/hostname", 100);

        Assert.That(Encoding.UTF8.GetString(contents.Span), Is.EqualTo("web-1\n"));
    }

    [Test]
    public async Task Reading_follows_links_inside_the_guest()
    {
        _directory.Write("usr/lib/os-release", "ID=debian\n");
        _directory.Link("etc/os-release", "../usr/lib/os-release");
        _directory.Link("absolute", "/etc/os-release");

        var contents = await Guest.ReadAsync("/absolute", 100);

        Assert.That(Encoding.UTF8.GetString(contents.Span), Is.EqualTo("ID=debian\n"));
    }

    [TestCase("/outside/secret", TestName = "Reading_through_an_absolute_link_to_a_directory_stays_inside")]
    [TestCase("/secret", TestName = "Reading_through_an_absolute_link_stays_inside")]
    [TestCase("/dotdot", TestName = "Reading_through_a_link_that_climbs_stays_inside")]
    public void Reading_never_leaves_the_guest(string path)
    {
        _outside.Write("secret", "host");
        _directory.Link("outside", _outside.Path);
        _directory.Link("secret", _outside.Below("secret"));
        _directory.Link("dotdot", "../../../../../../../../.." + _outside.Below("secret"));

        Assert.That(async () => await Guest.ReadAsync(path, 100), Throws.TypeOf<GuestException>());
    }

    [Test]
    public void Reading_a_loop_of_links_fails_and_ends()
    {
        _directory.Link("a", "b");
        _directory.Link("b", "a");

        Assert.That(async () => await Guest.ReadAsync("/a", 100), Throws.TypeOf<GuestException>());
    }

    [Test]
    public void Reading_a_file_larger_than_allowed_is_refused()
    {
        using (var huge = File.Create(_directory.Below("huge")))
            huge.SetLength(1L << 40);

        Assert.That(async () => await Guest.ReadAsync("/huge", 1000), Throws.TypeOf<GuestException>().With.Message.Contains("1099511627776"));
    }

    [Test]
    public void Reading_a_fifo_is_refused_at_once()
    {
        Machine.Run("mkfifo", _directory.Below("fifo"));

        Assert.That(async () => await Guest.ReadAsync("/fifo", 1000), Throws.TypeOf<GuestException>());
    }

    [TestCase("relative")]
    [TestCase("/etc/../../x")]
    public void A_path_that_is_not_plain_is_an_error_of_the_caller(string path)
    {
        Assert.That(async () => await Guest.GetFileAsync(path), Throws.InstanceOf<ArgumentException>());
    }

    [Test]
    public async Task Looking_at_a_link_describes_the_link()
    {
        _directory.Link("etc/localtime", "/usr/share/zoneinfo/UTC");

        var file = await Guest.GetFileAsync("/etc/localtime");

        Assert.That(file, Is.Not.Null);
        Assert.That((file!.Kind, file.LinkTarget), Is.EqualTo((GuestFileKind.SymbolicLink, "/usr/share/zoneinfo/UTC")));
    }

    [TestCase("/none")]
    [TestCase("/none/deeper")]
    [TestCase("/file/deeper")]
    public async Task Looking_at_nothing_gives_nothing(string path)
    {
        _directory.Write("file", "");

        var file = await Guest.GetFileAsync(path);

        Assert.That(file, Is.Null);
    }

    [Test]
    public async Task Listing_gives_entries_in_order_with_their_kinds()
    {
        _directory.Write("d/b", "12");
        _directory.Write("d/A/x", "");
        _directory.Link("d/c", "b");

        var entries = await Guest.ListAsync("/d").Select(file => (file.Path, file.Kind, file.SizeBytes)).ToListAsync();

        Assert.That(entries, Is.EqualTo(new[]
        {
            ("/d/A", GuestFileKind.Directory, 0L), ("/d/b", GuestFileKind.Regular, 2L), ("/d/c", GuestFileKind.SymbolicLink, 0L),
        }));
    }

    [Test]
    public async Task Listing_a_directory_that_is_not_there_gives_nothing()
    {
        var entries = await Guest.ListAsync("/none").ToListAsync();

        Assert.That(entries, Is.Empty);
    }

    [Test]
    public async Task Writing_creates_a_file_with_the_mode()
    {
        _directory.Write("etc/x", "");

        await Guest.WriteAsync("/etc/key", "secret"u8.ToArray(), UnixFileMode.UserRead | UnixFileMode.UserWrite);

        Assert.That(File.ReadAllText(_directory.Below("etc/key")), Is.EqualTo("secret"));
        Assert.That(File.GetUnixFileMode(_directory.Below("etc/key")), Is.EqualTo(UnixFileMode.UserRead | UnixFileMode.UserWrite));
    }

    [Test]
    public async Task Writing_nothing_empties_the_file()
    {
        _directory.Write("etc/machine-id", "old\n");

        await Guest.WriteAsync("/etc/machine-id", default, Plain);

        Assert.That(File.ReadAllText(_directory.Below("etc/machine-id")), Is.Empty);
    }

    [Test]
    public async Task Writing_and_reading_give_every_byte_back()
    {
        _directory.Write("etc/x", "");
        var bytes = new byte[300_000];
        new Random(5).NextBytes(bytes);

        await Guest.WriteAsync("/etc/random", bytes, Plain);

        Assert.That((await Guest.ReadAsync("/etc/random", bytes.Length)).ToArray(), Is.EqualTo(bytes));
    }

    [Test]
    public async Task Writing_keeps_mode_and_owner_and_leaves_nothing_beside_the_file()
    {
        Machine.NeedsRoot();
        _directory.Write("etc/sudoers", "old");
        Machine.Run("chown", "123:45", _directory.Below("etc/sudoers"));
        Machine.Run("chmod", "0440", _directory.Below("etc/sudoers"));

        await Guest.WriteAsync("/etc/sudoers", "new"u8.ToArray(), Plain);

        Assert.That(Machine.Run("stat", "-c", "%u:%g %a", _directory.Below("etc/sudoers")), Is.EqualTo("123:45 440\n"));
        Assert.That(File.ReadAllText(_directory.Below("etc/sudoers")), Is.EqualTo("new"));
        Assert.That(Directory.GetFileSystemEntries(_directory.Below("etc")), Has.Length.EqualTo(1));
    }

    [Test]
    public async Task Writing_through_a_link_changes_the_file_it_points_to_inside_the_guest()
    {
        _outside.Write("grub", "host");
        _directory.Write("srv/grub", "guest");
        _directory.Link("etc/grub", "/srv/grub");
        _directory.Link("etc/escape", "../../../../../../../.." + _outside.Below("grub"));

        await Guest.WriteAsync("/etc/grub", "new"u8.ToArray(), Plain);

        Assert.That(async () => await Guest.WriteAsync("/etc/escape", "new"u8.ToArray(), Plain), Throws.TypeOf<GuestException>());
        Assert.That(File.ReadAllText(_directory.Below("srv/grub")), Is.EqualTo("new"));
        Assert.That(new FileInfo(_directory.Below("etc/grub")).LinkTarget, Is.EqualTo("/srv/grub"));
        Assert.That(File.ReadAllText(_outside.Below("grub")), Is.EqualTo("host"));
    }

    [Test]
    public void Writing_into_a_directory_that_is_not_there_fails()
    {
        Assert.That(async () => await Guest.WriteAsync("/none/file", "x"u8.ToArray(), Plain), Throws.TypeOf<GuestException>());
    }

    [Test]
    public async Task Deleting_a_tree_does_not_follow_its_links()
    {
        _outside.Write("keep", "host");
        _directory.Write("var/lib/cloud/seed/x", "1");
        _directory.Link("var/lib/cloud/instance", _outside.Path);

        await Guest.DeleteAsync("/var/lib/cloud");

        Assert.That(Directory.Exists(_directory.Below("var/lib/cloud")), Is.False);
        Assert.That(File.ReadAllText(_outside.Below("keep")), Is.EqualTo("host"));
    }

    [Test]
    public async Task Deleting_below_a_link_that_leaves_the_guest_deletes_nothing_outside()
    {
        _outside.Write("etc/passwd", "host");
        _directory.Link("link", _outside.Path);

        await Guest.DeleteAsync("/link/etc/passwd");

        Assert.That(File.Exists(_outside.Below("etc/passwd")), Is.True);
    }

    [Test]
    public async Task Creating_directories_creates_those_above_too()
    {
        await Guest.CreateDirectoryAsync("/etc/a/b", UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        await Guest.CreateDirectoryAsync("/etc/a/b", Plain);

        Assert.That(Machine.Run("stat", "-c", "%a", _directory.Below("etc/a/b")), Is.EqualTo("700\n"));
    }

    [Test]
    public async Task Creating_a_link_replaces_a_file()
    {
        _directory.Write("unit", "x");

        await Guest.CreateLinkAsync("/unit", "/dev/null");

        Assert.That(new FileInfo(_directory.Below("unit")).LinkTarget, Is.EqualTo("/dev/null"));
    }

    [Test]
    public async Task Creating_anything_gives_it_the_label_of_its_directory()
    {
        Machine.NeedsRoot();
        Machine.NeedsProgram("setfattr");
        Machine.Run("setfattr", "-n", "security.selinux", "-v", "system_u:object_r:etc_t:s0", _directory.Path);

        await Guest.CreateDirectoryAsync("/a/b", UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        await Guest.CreateLinkAsync("/a/link", "b");
        await Guest.WriteAsync("/a/b/file", "x"u8.ToArray(), Plain);

        foreach (var path in (string[])["a", "a/b", "a/link", "a/b/file"])
            Assert.That(Machine.Run("getfattr", "-h", "--only-values", "-n", "security.selinux", _directory.Below(path)), Does.EndWith("system_u:object_r:etc_t:s0"), path);
    }

    [Test]
    public async Task Running_a_program_gives_its_output_and_exit_code()
    {
        Machine.NeedsRoot();
        MiniGuest.Install(_directory);

        var result = await Guest.RunAsync(new()
        {
            Program = "sh",
            Arguments = ["-c", "echo \"$1 $WORD\"; echo bad >&2; exit 3", "sh", "two  spaces"],
            Environment = new Dictionary<string, string> { ["WORD"] = "here" },
        });

        Assert.That(result, Is.EqualTo(new GuestCommandResult(3, "two  spaces here\n", "bad\n")));
    }

    [Test]
    public async Task Running_a_program_shows_it_only_the_guest()
    {
        Machine.NeedsRoot();
        MiniGuest.Install(_directory);

        var result = await Guest.RunAsync(new()
        {
            Program = "/bin/sh",
            Arguments = ["-c", "ls /; echo $$; cat /proc/net/dev; ls /dev; echo x > /tmp/left; echo y > /run/left; echo z > /sys/x || echo read-only"],
        });

        Assert.That(result.Output, Does.StartWith("bin\ndev\netc\nlib"));
        Assert.That(result.Output, Does.Match(@"lo:\s+0\s"), "no packet has gone through a network of its own");
        Assert.That(result.Output, Does.Contain("read-only").And.Contain("lo:").And.Not.Contain("eth0").And.Not.Contain("vda").And.Not.Contain("sda"));
        Assert.That(Directory.GetFileSystemEntries(_directory.Below("tmp")), Is.Empty);
        Assert.That(Directory.GetFileSystemEntries(_directory.Below("run")), Is.Empty);
        Assert.That(Directory.GetFileSystemEntries(_directory.Below("dev")), Is.Empty);
    }

    [Test]
    public async Task Running_a_program_that_climbs_out_of_its_root_leaves_it_with_the_guest_alone()
    {
        Machine.NeedsRoot();
        Machine.NeedsProgram("perl");
        MiniGuest.Install(_directory, "perl");
        const string climb = """
            mkdir "/x"; chroot "/x"; chdir ".." for 1..64; chroot ".";
            if (open F, ">", $ARGV[0]) { print F "from the guest" }
            opendir D, "/"; print join " ", grep { !/^[.]/ } readdir D;
            """;

        var result = await Guest.RunAsync(new() { Program = "perl", Arguments = ["-e", climb, _outside.Below("escaped")] });

        Assert.That(Directory.GetFileSystemEntries(_outside.Path), Is.Empty);
        Assert.That(result, Is.EqualTo(new GuestCommandResult(0, "guest", "")));
    }

    [Test]
    public async Task Running_a_program_lets_it_change_nothing_of_the_host_s_kernel()
    {
        Machine.NeedsRoot();
        Machine.NeedsProgram("perl");
        MiniGuest.Install(_directory, "perl", "unshare");
        const string script = """
            for file in /proc/sys/kernel/core_pattern /proc/sys/kernel/hostname /proc/sysrq-trigger; do
                [ ! -e $file ] || perl -e 'print "opened $ARGV[0]\n" if open F, "+<", $ARGV[0]' $file
            done
            unshare --user sh -c 'echo all capabilities again' 2>/dev/null || echo refused
            """;

        var result = await Guest.RunAsync(new() { Program = "sh", Arguments = ["-c", script] });

        Assert.That(result, Is.EqualTo(new GuestCommandResult(0, "refused\n", "")));
    }

    [Test]
    public void Running_a_program_that_is_not_there_fails()
    {
        Machine.NeedsRoot();
        MiniGuest.Install(_directory);

        Assert.That(
            async () => await Guest.RunAsync(new() { Program = "/usr/bin/dpkg" }),
            Throws.TypeOf<GuestException>().With.Message.Contains("/usr/bin/dpkg"));
    }

    [Test]
    public void Running_a_program_of_another_processor_fails()
    {
        Machine.NeedsRoot();
        MiniGuest.Install(_directory);
        foreach (var name in (string[])["bin/cat", "bin/sh"])
        {
            using var program = File.OpenHandle(_directory.Below(name), access: FileAccess.Write);
            RandomAccess.Write(program, [0xff], 18);
        }

        Assert.That(async () => await Guest.RunAsync(new() { Program = "/bin/cat" }), Throws.TypeOf<GuestException>());
    }

    [Test]
    public async Task Running_a_program_that_prints_without_end_is_bounded()
    {
        Machine.NeedsRoot();
        MiniGuest.Install(_directory);

        var result = await Guest.RunAsync(new() { Program = "head", Arguments = ["-c", "8000000", "/dev/zero"] });

        Assert.That(result.Output, Has.Length.EqualTo(1024 * 1024));
    }

    [Test]
    public void Running_a_program_that_is_cancelled_kills_it_and_what_it_started()
    {
        Machine.NeedsRoot();
        MiniGuest.Install(_directory);
        using var cancel = new CancellationTokenSource();
        Machine.Run("mkfifo", _directory.Below("started"));

        var run = Guest.RunAsync(
            new() { Program = "sh", Arguments = ["-c", "sleep 98765 & echo > /started; sleep 98765"] }, cancel.Token);
        File.ReadAllText(_directory.Below("started"));
        cancel.Cancel();

        Assert.That(async () => await run, Throws.InstanceOf<OperationCanceledException>());
        Assert.That(Machine.TryRun("pgrep", "-f", "sleep 98765").Output, Is.Empty);
    }
}
