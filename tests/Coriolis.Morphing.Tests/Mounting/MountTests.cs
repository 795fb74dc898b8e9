using System.Diagnostics;
using Coriolis.Morphing.Runs;
using Coriolis.Morphing.Tests.Support;
using Coriolis.Providers;

namespace Coriolis.Morphing.Tests.Mounting;

/// <summary>File systems as they come from running machines, and what else a disk may be.</summary>
public sealed class MountTests
{
    private const long PartitionOffset = DiskFile.RootOffset;

    // Options of losetup(8): the same place but read-only, the place without an end, the whole disk.
    private static readonly string[] s_holders =
    [
        $"--read-only --offset {PartitionOffset} --sizelimit $((sectors * 512))",
        $"--offset {PartitionOffset}",
        "--read-only",
    ];

    private SmallGuest _guest = null!;

    [SetUp]
    public void CreateGuest() => _guest = new();

    [TearDown]
    public void DeleteGuest() => _guest?.Dispose();

    [TestCase("ext4", 128)]
    [TestCase("xfs", 512)]
    [TestCase("btrfs", 256)]
    public async Task MorphAsync_DiskCapturedWhileMounted_ReplaysItsJournal(string fileSystem, int sizeMiB)
    {
        _guest.MakeDisk(fileSystem, sizeMiB);
        var captured = _guest.Below("captured.raw");
        Capture(captured);

        var result = await SmallGuest.Marking.MorphAsync(new() { Disks = [captured] });

        Assert.That(result.Warnings, Is.Empty);
        Assert.That(DiskFile.Inspect(captured, "cat in-flight etc/morphed"), Is.EqualTo("written\nyes"));
        Assert.That(Check(captured, fileSystem).ExitCode, Is.Zero, Check(captured, fileSystem).Output);
    }

    [Test]
    public async Task MorphAsync_DryRunOfADiskCapturedWhileMounted_WritesNoByte()
    {
        _guest.MakeDisk();
        var captured = _guest.Below("captured.raw");
        Capture(captured);
        Assert.That(Machine.Run("sh", "-c", $"dumpe2fs -h {captured}?offset={PartitionOffset}"), Does.Contain("needs_recovery"), "the journal is dirty");
        var before = Machine.Run("sha256sum", captured);

        await SmallGuest.Marking.MorphAsync(new() { Disks = [captured], DryRun = true });

        Assert.That(Machine.Run("sha256sum", captured), Is.EqualTo(before));
    }

    [Test]
    public async Task MorphAsync_TwinOfAMountedXfs_IsMountedAllTheSame()
    {
        _guest.MakeDisk("xfs", 512);
        var twin = _guest.Below("twin.raw");
        DiskFile.Copy(_guest.Disk, twin);
        using var holder = Process.Start(new ProcessStartInfo(
            "unshare", ["--mount", "sh", "-ec", $"mount -o loop,offset={PartitionOffset} \"$0\" /mnt; echo mounted; cat", twin])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
        Assert.That(await holder.StandardOutput.ReadLineAsync(), Is.EqualTo("mounted"));

        await SmallGuest.Marking.MorphAsync(new() { Disks = [_guest.Disk] });

        holder.StandardInput.Close();
        await holder.WaitForExitAsync();
        Assert.That(DiskFile.Inspect(_guest.Disk, "cat etc/morphed"), Is.EqualTo("yes"));
        Assert.That(DiskFile.Inspect(twin, "ls etc"), Does.Not.Contain("morphed"));
    }

    [TestCase("@")]
    [TestCase("@rootfs")]
    [TestCase("root")]
    [TestCase("@/.snapshots/1/snapshot")]
    public async Task MorphAsync_RootInASubvolume_ChangesItAndHome(string subvolume)
    {
        _guest.Files.Write("etc/fstab", "LABEL=fs / btrfs subvol=" + subvolume + " 0 0\nLABEL=fs /home btrfs defaults,subvol=/@home 0 0\n");
        var empty = Directory.CreateDirectory(_guest.Below("empty")).FullName;
        DiskFile.Create(_guest.Disk, empty, "btrfs", 256);
        DiskFile.Inspect(
            _guest.Disk,
            $"""
            btrfs filesystem label . fs
            part=
            for name in {subvolume.Replace('/', ' ')}; do
                part=$part$name
                case $part in @/.snapshots|@/.snapshots/1) mkdir $part ;; *) btrfs subvolume create $part ;; esac
                part=$part/
            done
            btrfs subvolume create @home
            cp --archive {_guest.Files.Path}/. {subvolume}
            """,
            writable: true);

        var result = await SmallGuest.Marking.MorphAsync(new() { Disks = [_guest.Disk] });

        Assert.That(result.Warnings, Is.Empty);
        Assert.That(DiskFile.Inspect(_guest.Disk, $"cat {subvolume}/etc/morphed @home/morphed"), Is.EqualTo("yesyes"));
    }

    [Test]
    public async Task MorphAsync_BlockDevice_IsMorphedLikeAFile()
    {
        _guest.MakeDisk();
        var device = Machine.Run("losetup", "--find", "--show", _guest.Disk).Trim();
        try
        {
            await SmallGuest.Marking.MorphAsync(new() { Disks = [device], ReportPath = _guest.Below("report.json") });
        }
        finally
        {
            Machine.Run("losetup", "--detach", device);
        }

        Assert.That(DiskFile.Inspect(_guest.Disk, "cat etc/morphed"), Is.EqualTo("yes"));
    }

    [Test]
    public void MorphAsync_ReadOnlyDevice_IsRefused()
    {
        _guest.MakeDisk();
        var device = Machine.Run("losetup", "--read-only", "--find", "--show", _guest.Disk).Trim();
        try
        {
            Assert.That(
                async () => await SmallGuest.Marking.MorphAsync(new() { Disks = [device], ReportPath = _guest.Below("report.json") }),
                Throws.TypeOf<GuestException>().With.Message.Contains(device));
        }
        finally
        {
            Machine.Run("losetup", "--detach", device);
        }
    }

    [TestCaseSource(nameof(s_holders))]
    public async Task MorphAsync_RootInLoopDeviceOfAnother_IsMorphedOnceItIsLetGo(string options)
    {
        _guest.MakeDisk();
        var device = HoldRoot(options);
        var morphing = new GuestMorphing([new WritingMorpher()], new PauseClock(() => Machine.Run("losetup", "--detach", device)));

        try
        {
            await morphing.MorphAsync(new() { Disks = [_guest.Disk] });
        }
        finally
        {
            Machine.TryRun("losetup", "--detach", device);
        }

        Assert.That(DiskFile.Inspect(_guest.Disk, "cat etc/morphed"), Is.EqualTo("yes"));
    }

    [TestCaseSource(nameof(s_holders))]
    public void MorphAsync_RootInLoopDeviceOfAnotherForGood_IsRefusedUnchanged(string options)
    {
        _guest.MakeDisk();
        var before = Machine.Run("sha256sum", _guest.Disk);
        var device = HoldRoot(options);
        var morphing = new GuestMorphing([new WritingMorpher()], new PauseClock(static () => { }));
        try
        {
            Assert.That(
                async () => await morphing.MorphAsync(new() { Disks = [_guest.Disk] }),
                Throws.TypeOf<GuestException>().With.Message.Contains($"the loop device {device} uses it"));
        }
        finally
        {
            Machine.Run("losetup", "--detach", device);
        }

        Assert.That(Machine.Run("sha256sum", _guest.Disk), Is.EqualTo(before));
    }

    [Test]
    public async Task MorphAsync_DamagedRoot_SaysThatItCannotBeMounted()
    {
        _guest.MakeDisk();
        // The size of an inode, which no version of ext4 knows; the label by which the file system is recognised stays.
        Machine.Run("sh", "-ec", $"printf '\\001\\001' | dd of=\"$0\" bs=1 seek={PartitionOffset + 1024 + 88} conv=notrunc status=none", _guest.Disk);
        var before = Machine.Run("sha256sum", _guest.Disk);

        var result = await _guest.MorphAsync();

        Assert.That(result.Warnings, Has.Some.Contains("cannot be mounted"));
        Assert.That(Machine.Run("sha256sum", _guest.Disk), Is.EqualTo(before));
    }

    [Test]
    public async Task MorphAsync_WindowsDisk_IsRecognisedAndLeftAlone()
    {
        Machine.NeedsProgram("mkntfs");
        var volume = _guest.Below("ntfs");
        using (var file = File.Create(volume))
            file.SetLength(16 * 1024 * 1024);
        Machine.Run("mkntfs", "--quiet", "--force", "--fast", volume);
        DiskFile.Create(_guest.Disk, Directory.CreateDirectory(_guest.Below("empty")).FullName, sizeMiB: 32);
        DiskFile.CopyInto(_guest.Disk, volume, PartitionOffset);
        var before = Machine.Run("sha256sum", _guest.Disk);

        var result = await _guest.MorphAsync();

        Assert.That(result.Os.Type, Is.EqualTo(OsType.Windows));
        Assert.That(result.Warnings, Has.Some.Contains("Windows guests are not morphed"));
        Assert.That(Machine.Run("sha256sum", _guest.Disk), Is.EqualTo(before));
    }

    [TestCase(0)]
    [TestCase(1)]
    public async Task MorphAsync_DiskOfNoKnownKind_IsLeftAlone(int seed)
    {
        var bytes = new byte[8 * 1024 * 1024];
        if (seed > 0)
            new Random(seed).NextBytes(bytes);
        await File.WriteAllBytesAsync(_guest.Disk, bytes);

        var result = await _guest.MorphAsync();

        Assert.That(result.Os.Type, Is.EqualTo(OsType.Other));
        Assert.That(result.Warnings, Has.Some.Contains("nothing was changed"));
        Assert.That(await File.ReadAllBytesAsync(_guest.Disk), Is.EqualTo(bytes));
    }

    // A copy of the image while its file system is in use, after a write that only the journal holds.
    private void Capture(string copy) => DiskFile.Inspect(
        _guest.Disk, $"echo written > in-flight; sync -f in-flight; cp --sparse=always \"$0\" {copy}", writable: true);

    private (int ExitCode, string Output) Check(string disk, string fileSystem)
    {
        var volume = _guest.Below("volume");
        Machine.Run("dd", $"if={disk}", $"of={volume}", "bs=1M", "skip=2", "conv=sparse");
        return fileSystem switch
        {
            "ext4" => Machine.TryRun("e2fsck", "-fn", volume),
            "xfs" => Machine.TryRun("sh", "-c", $"truncate -s {512 - 3}M {volume}; xfs_repair -n -f {volume}"),
            _ => Machine.TryRun("btrfs", "check", volume),
        };
    }

    private string HoldRoot(string options) => Machine.Run(
        "sh", "-ec",
        $"sectors=$(partx --noheadings --raw --output START,SECTORS \"$0\" | sed -n 's/^{PartitionOffset / 512} //p'); "
        + $"losetup --find --show {options} \"$0\"",
        _guest.Disk).Trim();

    /// <summary>The system's clock, but that something happens at each short pause, which takes no time and counts as four seconds.</summary>
    private sealed class PauseClock(Action pausing) : TimeProvider
    {
        private long _skipped;

        public override long GetTimestamp() => base.GetTimestamp() + Interlocked.Read(ref _skipped);

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            if (dueTime <= TimeSpan.Zero || dueTime > TimeSpan.FromSeconds(1))
            {
                return base.CreateTimer(callback, state, dueTime, period);
            }

            pausing();
            Interlocked.Add(ref _skipped, 4 * TimestampFrequency);
            return base.CreateTimer(callback, state, TimeSpan.Zero, period);
        }
    }
}
