using System.Diagnostics;
using System.Globalization;
using System.Text;
using Coriolis.Morphing.Tests.Support;
using Coriolis.Providers;

namespace Coriolis.Morphing.Tests.Containers;

/// <summary>Encrypted volumes, arrays, and volumes in several pieces, which only a kernel with the device mapper opens.</summary>
[Category("DeviceMapper")]
public sealed class DeviceMapperTests
{
    private const string Passphrase = "correct horse";
    private const string SlowProgram = "sleep 77123";
    private const string LookForChanges = "ls etc/cloud; ls etc/morphed 2>/dev/null || true";
    private const string Array = "/dev/md/test-array";
    private const long MiB = 1024 * 1024;

    // A machine without hardware acceleration needs minutes for what takes seconds elsewhere.
    private const int PatienceMilliseconds = 900_000;

    private ContainerDisk _disks = null!;

    [SetUp]
    public void Begin()
    {
        Machine.NeedsDeviceMapper();
        _disks = new();
    }

    [TearDown]
    public void End() => _disks?.Dispose();

    [Test]
    public async Task MorphAsync_GroupOfTheHostHasTheSameNamesAndIds_OnlyTheGuestIsChanged()
    {
        Machine.NeedsProgram("lvm");
        string[] guest = [_disks.Create("guest-1.raw", 256), _disks.Create("guest-2.raw", 256)];
        var devices = guest.Select(disk => _disks.Attach(disk)).ToArray();
        ContainerDisk.Lvm(devices, ["pvcreate", "--yes", .. devices]);
        ContainerDisk.Lvm(devices, ["vgcreate", "vg0", .. devices]);
        ContainerDisk.Lvm(devices, "lvcreate", "--yes", "--name", "root", "--size", "128m", "--stripes", "2", "--stripesize", "64k", "vg0");
        ContainerDisk.Lvm(devices, "lvextend", "--stripes", "1", "--size", "+64m", "vg0/root", devices[1]);
        Machine.Run("mkfs.ext4", "-q", "-d", _disks.CreateRoot(), "/dev/mapper/vg0-root");
        ContainerDisk.Lvm(devices, "vgchange", "-an", "vg0");
        foreach (var device in devices)
            Machine.Run("losetup", "--detach", device);

        // The worker was made from the same image as the guest: its own group is a twin, and in use.
        string[] host = [_disks.Create("host-1.raw", 256), _disks.Create("host-2.raw", 256)];
        for (var index = 0; index < host.Length; index++)
            DiskFile.Copy(guest[index], host[index]);
        devices = [.. host.Select(disk => _disks.Attach(disk))];
        ContainerDisk.Lvm(devices, "vgchange", "-ay", "vg0");
        _disks.OnDispose(() => ContainerDisk.Lvm(devices, "vgchange", "-an", "vg0"));

        var result = await _disks.Morphing.MorphAsync(new() { Disks = guest });

        Assert.That(result.Warnings, Is.Empty);
        Assert.That(ContainerDisk.Leftovers(guest), Is.Empty);
        Assert.That(ContainerDisk.Inspect("/dev/mapper/vg0-root", "ls etc"), Does.Not.Contain("morphed"));

        ContainerDisk.Lvm(devices, "vgchange", "-an", "vg0");
        devices = [.. guest.Select(disk => _disks.Attach(disk))];
        ContainerDisk.Lvm(devices, "vgchange", "-ay", "vg0");
        Assert.That(ContainerDisk.Inspect("/dev/mapper/vg0-root", "cat etc/morphed"), Is.EqualTo("yes"));
    }

    [Test]
    public async Task MorphAsync_LvmInAnEncryptedPartition_ChangesItAndUndoesIt()
    {
        Machine.NeedsProgram("lvm");
        var disk = MakeEncrypted(device =>
        {
            ContainerDisk.Lvm([device], "pvcreate", "--yes", device);
            ContainerDisk.Lvm([device], "vgcreate", "crypt0", device);
            ContainerDisk.Lvm([device], "lvcreate", "--yes", "--name", "root", "--size", "96m", "crypt0");
            Machine.Run("mkfs.ext4", "-q", "-d", _disks.CreateRoot(), "/dev/mapper/crypt0-root");
            ContainerDisk.Lvm([device], "vgchange", "-an", "crypt0");
        });
        string Look() => OpenEncrypted(disk, device =>
        {
            ContainerDisk.Lvm([device], "vgchange", "-ay", "crypt0");
            try
            {
                return ContainerDisk.Inspect("/dev/mapper/crypt0-root", "ls etc");
            }
            finally
            {
                ContainerDisk.Lvm([device], "vgchange", "-an", "crypt0");
            }
        });

        var result = await _disks.Morphing.MorphAsync(new() { Disks = [disk], Passphrase = Encoding.ASCII.GetBytes(Passphrase) });
        var morphed = Look();
        await _disks.Morphing.UndoAsync(result.ReportPath!, Encoding.ASCII.GetBytes(Passphrase));

        Assert.That(ContainerDisk.Leftovers(disk), Is.Empty);
        Assert.That(morphed, Does.Contain("morphed"));
        Assert.That(Look(), Does.Not.Contain("morphed"));
        Assert.That(await File.ReadAllTextAsync(result.ReportPath!), Does.Not.Contain(Passphrase));
    }

    [Test]
    public async Task MorphAsync_EncryptedHomeOfCrypttab_IsMountedWhereFstabSays()
    {
        var home = MakeEncrypted(device => Machine.Run("mkfs.ext4", "-q", "-d", _disks.CreateRoot(), device));
        var uuid = Machine.Run("blkid", "--probe", "--offset", $"{2 * MiB}", "--match-tag", "UUID", "--output", "value", home).Trim();
        var root = _disks.Create("root.raw", 128);
        var files = _disks.CreateRoot("/dev/mapper/home_crypt /home ext4 defaults 0 2\n", $"home_crypt UUID={uuid} none luks\n");
        Machine.Run("mkfs.ext4", "-q", "-d", files, root);

        var result = await _disks.Morphing.MorphAsync(new() { Disks = [root, home], Passphrase = Encoding.ASCII.GetBytes(Passphrase) });

        Assert.That(result.Warnings, Is.Empty);
        Assert.That(OpenEncrypted(home, device => ContainerDisk.Inspect(device, "cat morphed")), Is.EqualTo("yes"));
    }

    [TestCase("wrong", "No key available")]
    [TestCase("", "no passphrase was given")]
    public async Task MorphAsync_EncryptedRootThatDoesNotOpen_SaysWhyAndChangesNothing(string passphrase, string reason)
    {
        var disk = MakeEncrypted(device => Machine.Run("mkfs.ext4", "-q", "-d", _disks.CreateRoot(), device));
        var before = Machine.Run("sha256sum", disk);

        var result = await _disks.Morphing.MorphAsync(new() { Disks = [disk], Passphrase = Encoding.ASCII.GetBytes(passphrase) });

        Assert.That(result.Os.Type, Is.EqualTo(OsType.Other));
        Assert.That(result.Warnings, Has.Some.Contains("partition 2").And.Contains(reason));
        Assert.That(Machine.Run("sha256sum", disk), Is.EqualTo(before));
        Assert.That(ContainerDisk.Leftovers(disk), Is.Empty);
    }

    [Test]
    public async Task MorphAsync_DryRunOfEncryptedRoot_WritesNoByte()
    {
        var disk = MakeEncrypted(device => Machine.Run("mkfs.ext4", "-q", "-d", _disks.CreateRoot(), device));
        var before = Machine.Run("sha256sum", disk);

        var result = await _disks.Morphing.MorphAsync(new() { Disks = [disk], Passphrase = Encoding.ASCII.GetBytes(Passphrase), DryRun = true });

        Assert.That(result.Files, Is.Not.Empty);
        Assert.That(Machine.Run("sha256sum", disk), Is.EqualTo(before));
    }

    [TestCase("thin", "--type", "thin", "--virtualsize", "48m", "--thinpool", "pool", "vg")]
    [TestCase("raid1", "--type", "raid1", "--mirrors", "1", "--nosync", "--size", "48m", "vg")]
    [TestCase("mirror", "--type", "mirror", "--mirrors", "1", "--nosync", "--mirrorlog", "core", "--size", "48m", "vg")]
    public async Task MorphAsync_HomeOnAVolumeOfAnotherKind_SaysWhichAndChangesTheRootAlone(string type, params string[] how)
    {
        Machine.NeedsProgram("lvm");
        string[] disks = [_disks.Create("one.raw", 256), _disks.Create("two.raw", 256)];
        string[] Attach() => [.. disks.Select(disk => _disks.Attach(disk))];
        void Detach(string[] devices)
        {
            ContainerDisk.Lvm(devices, "vgchange", "-an", "vg");
            foreach (var device in devices)
                Machine.Run("losetup", "--detach", device);
        }

        var attached = Attach();
        ContainerDisk.Lvm(attached, ["pvcreate", "--yes", .. attached]);
        ContainerDisk.Lvm(attached, ["vgcreate", "vg", .. attached]);
        ContainerDisk.Lvm(attached, "lvcreate", "--yes", "--name", "root", "--size", "96m", "vg");
        if (type == "thin")
            ContainerDisk.Lvm(attached, "lvcreate", "--yes", "--type", "thin-pool", "--name", "pool", "--size", "64m", "vg");
        ContainerDisk.Lvm(attached, ["lvcreate", "--yes", "--name", "home", .. how]);
        Machine.Run("mkfs.ext4", "-q", "-d", _disks.CreateRoot("/dev/vg/home /home ext4 defaults 0 2\n"), "/dev/vg/root");
        Machine.Run("mkfs.ext4", "-q", "/dev/vg/home");
        Detach(attached);

        var result = await _disks.Morphing.MorphAsync(new() { Disks = disks });

        Assert.That(result.Warnings, Has.Some.Contains("vg/home cannot be opened").And.Some.Contains(type));
        Assert.That(result.Warnings, Has.Some.Contains("/home is on none of the disks"));
        Assert.That(ContainerDisk.Leftovers(disks), Is.Empty);
        attached = Attach();
        ContainerDisk.Lvm(attached, "vgchange", "-ay", "vg");
        Assert.That(ContainerDisk.Inspect("/dev/vg/root", "cat etc/morphed home/morphed"), Is.EqualTo("yesyes"));
        Assert.That(ContainerDisk.Inspect("/dev/vg/home", "ls"), Is.EqualTo("lost+found\n"));
        Detach(attached);
    }

    [Test]
    [CancelAfter(PatienceMilliseconds)]
    public async Task Morph_KilledWithAnEncryptedVolumeOpen_LeavesNothingAndTheNextRunCompletes(CancellationToken cancellationToken)
    {
        var root = CreateRootWithSlowRemoval();
        var disk = MakeEncrypted(device => Machine.Run("mkfs.ext4", "-q", "-d", root, device));
        var passphrase = _disks.Create("passphrase", 0);
        await File.WriteAllTextAsync(passphrase, Passphrase, cancellationToken);

        await KillInTheRemovalAsync([disk], ["--passphrase-file", passphrase], cancellationToken);

        Assert.That(OpenEncrypted(disk, device => ContainerDisk.Inspect(device, LookForChanges)), Is.EqualTo("cloud.cfg\n"));
        var result = await _disks.Morphing.MorphAsync(new() { Disks = [disk], Passphrase = Encoding.ASCII.GetBytes(Passphrase) }, cancellationToken);
        Assert.That(result.Files, Is.Not.Empty);
        Assert.That(ContainerDisk.Leftovers(disk), Is.Empty);
        Assert.That(OpenEncrypted(disk, device => ContainerDisk.Inspect(device, "cat etc/morphed")), Is.EqualTo("yes"));
    }

    [TestCase("0")]
    [TestCase("1")]
    [CancelAfter(PatienceMilliseconds)]
    public async Task Morph_KilledWithAnArrayAssembled_LeavesNothingAndTheNextRunCompletes(string level, CancellationToken cancellationToken)
    {
        var root = CreateRootWithSlowRemoval();
        var disks = MakeArray(level, device => Machine.Run("mkfs.ext4", "-q", "-d", root, device));

        await KillInTheRemovalAsync(disks, [], cancellationToken);

        Assert.That(OpenArray(disks, device => ContainerDisk.Inspect(device, LookForChanges)), Is.EqualTo("cloud.cfg\n"));
        var result = await _disks.Morphing.MorphAsync(new() { Disks = disks }, cancellationToken);
        Assert.That(result.Files, Is.Not.Empty);
        Assert.That(ContainerDisk.Leftovers(disks), Is.Empty);
        Assert.That(OpenArray(disks, device => ContainerDisk.Inspect(device, "cat etc/morphed")), Is.EqualTo("yes"));
    }

    [Test]
    [CancelAfter(PatienceMilliseconds)]
    public async Task Morph_KilledWithWhatTakesItsDevicesDown_IsCleanedUpByTheNextRun(CancellationToken cancellationToken)
    {
        Machine.NeedsProgram("cryptsetup");
        var root = CreateRootWithSlowRemoval();
        var disks = MakeArray("1", array =>
        {
            Encrypt(array);
            Decrypted(array, device => Machine.Run("mkfs.ext4", "-q", "-d", root, device));
        });
        var passphrase = _disks.Create("passphrase", 0);
        await File.WriteAllTextAsync(passphrase, Passphrase, cancellationToken);
        using (var run = await StartRemovalAsync(disks, ["--passphrase-file", passphrase], cancellationToken))
        {
            // Its children first, or they would do what they are there for.
            Machine.Run("pkill", "-KILL", "-P", run.Id.ToString(CultureInfo.InvariantCulture));
            run.Kill();
            await run.WaitForExitAsync(cancellationToken);
        }

        await UntilAsync(() => !Runs(SlowProgram), cancellationToken);
        Assert.That(ContainerDisk.Leftovers(disks), Does.Contain("coriolis-").And.Contain("/dev/loop"));

        var result = await _disks.Morphing.MorphAsync(new() { Disks = disks, Passphrase = Encoding.ASCII.GetBytes(Passphrase) }, cancellationToken);

        Assert.That(result.Warnings, Is.Empty);
        Assert.That(ContainerDisk.Leftovers(disks), Is.Empty);
        Assert.That(
            OpenArray(disks, array => Decrypted(array, device => ContainerDisk.Inspect(device, "cat etc/morphed; ls etc/cloud"))),
            Is.EqualTo("yescloud.cfg\n"));
    }

    [TestCase("0")]
    [TestCase("1")]
    public async Task MorphAsync_RootOnAnArray_ChangesTheArray(string level)
    {
        var disks = MakeArray(level, device => Machine.Run("mkfs.ext4", "-q", "-d", _disks.CreateRoot(), device));

        var result = await _disks.Morphing.MorphAsync(new() { Disks = disks });

        Assert.That(result.Warnings, Is.Empty);
        Assert.That(ContainerDisk.Leftovers(disks), Is.Empty);
        Assert.That(OpenArray(disks, device => ContainerDisk.Inspect(device, "cat etc/morphed")), Is.EqualTo("yes"));
    }

    /// <summary>A root file system with cloud-init, whose package manager does not end by itself.</summary>
    private string CreateRootWithSlowRemoval()
    {
        var root = _disks.CreateRoot();
        using var guest = new TemporaryDirectory();
        MiniGuest.Install(guest);
        guest.Write("etc/cloud/cloud.cfg", "datasource_list: [ Ec2 ]\n");
        guest.Write("var/lib/dpkg/status", "Package: cloud-init\nStatus: install ok installed\nVersion: 1\nArchitecture: all\n\n");
        guest.Write("usr/bin/dpkg", $"#!/bin/sh\n{SlowProgram}\n");
        Machine.Run("chmod", "755", guest.Below("usr/bin/dpkg"));
        Machine.Run("cp", "--archive", guest.Path + "/.", root);
        return root;
    }

    /// <summary>Starts the tool, kills it while the guest's package manager runs, and waits until what held its devices has gone.</summary>
    private static async Task KillInTheRemovalAsync(string[] disks, string[] options, CancellationToken cancellationToken)
    {
        using var run = await StartRemovalAsync(disks, options, cancellationToken);
        run.Kill();
        await run.WaitForExitAsync(cancellationToken);
        await UntilAsync(() => !Runs(SlowProgram) && ContainerDisk.Leftovers(disks).Length == 0, cancellationToken);
    }

    /// <summary>Starts the tool and waits until the guest's package manager runs.</summary>
    private static async Task<Process> StartRemovalAsync(string[] disks, string[] options, CancellationToken cancellationToken)
    {
        var host = Environment.GetEnvironmentVariable("DOTNET_ROOT") is { Length: > 0 } folder ? Path.Combine(folder, "dotnet") : "dotnet";
        var run = Process.Start(host, [Path.Combine(AppContext.BaseDirectory, "coriolis-aws.dll"), "morph", .. disks, .. options]);
        await UntilAsync(() => Runs(SlowProgram), cancellationToken);
        Assert.That(ContainerDisk.Leftovers(disks), Is.Not.Empty, "what the run has open");
        return run;
    }

    private static bool Runs(string command) => Machine.TryRun("pgrep", "-x", "-f", command).ExitCode == 0;

    // Another process tells nobody how far it has come; it can only be looked at.
    private static async Task UntilAsync(Func<bool> condition, CancellationToken cancellationToken)
    {
        while (!condition())
            await Task.Delay(TimeSpan.FromMilliseconds(100), cancellationToken);
    }

    // The machine's own udev starts every array that it sees.
    private static void StopAll(IEnumerable<string> members)
    {
        Machine.TryRun("udevadm", "settle");
        foreach (var holder in members.Select(member => $"/sys/block/{Path.GetFileName(member)}/holders").Where(Directory.Exists).SelectMany(Directory.GetFileSystemEntries))
            Machine.TryRun("mdadm", "--stop", "/dev/" + Path.GetFileName(holder));
    }

    /// <summary>Two disks that are an array, and what a test puts into it.</summary>
    private string[] MakeArray(string level, Action<string> fill)
    {
        Machine.NeedsProgram("mdadm");
        string[] disks = [_disks.Create("one.raw", 128), _disks.Create("two.raw", 128)];
        StartArray(
            disks,
            ["--create", Array, "--run", "--assume-clean", $"--level={level}", "--raid-devices=2", "--metadata=1.2"],
            device =>
            {
                fill(device);
                return "";
            });
        return disks;
    }

    private string OpenArray(string[] disks, Func<string, string> use) => StartArray(disks, ["--assemble", Array], use);

    private string StartArray(string[] disks, string[] how, Func<string, string> use)
    {
        var devices = disks.Select(disk => _disks.Attach(disk)).ToArray();
        StopAll(devices);
        Machine.Run("mdadm", [.. how, .. devices]);
        try
        {
            return use(Array);
        }
        finally
        {
            Machine.TryRun("mdadm", "--stop", Array);
            foreach (var device in devices)
                Machine.Run("losetup", "--detach", device);
        }
    }

    /// <summary>A disk with a partition that is encrypted, and what a test puts into it.</summary>
    private string MakeEncrypted(Action<string> fill)
    {
        Machine.NeedsProgram("cryptsetup");
        var disk = _disks.Create("encrypted.raw", 192);
        DiskFile.WriteTable(disk, "label: gpt\nsize=1MiB\ntype=linux\n");
        var device = _disks.Attach(disk, 2 * MiB, 189 * MiB);
        Encrypt(device);
        Machine.Run("losetup", "--detach", device);
        OpenEncrypted(disk, opened =>
        {
            fill(opened);
            return "";
        });
        return disk;
    }

    private string OpenEncrypted(string disk, Func<string, string> use)
    {
        var device = _disks.Attach(disk, 2 * MiB, 189 * MiB);
        try
        {
            return Decrypted(device, use);
        }
        finally
        {
            Machine.Run("losetup", "--detach", device);
        }
    }

    private static void Encrypt(string device) =>
        WithPassphrase($"cryptsetup luksFormat --batch-mode --pbkdf pbkdf2 --pbkdf-force-iterations 1000 --key-file - {device}");

    private static string Decrypted(string device, Func<string, string> use)
    {
        WithPassphrase($"cryptsetup open --key-file - {device} test-encrypted");
        try
        {
            return use("/dev/mapper/test-encrypted");
        }
        finally
        {
            Machine.Run("cryptsetup", "close", "test-encrypted");
        }
    }

    private static void WithPassphrase(string command) => Machine.Run("sh", "-c", $"printf '%s' '{Passphrase}' | {command}");
}
