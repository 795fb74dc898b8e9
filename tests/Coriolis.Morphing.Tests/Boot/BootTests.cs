using System.Net;
using System.Net.Sockets;
using Coriolis.Aws.Emulator;
using Coriolis.Destinations;
using Coriolis.Morphing.Runs;
using Coriolis.Morphing.Tests.Support;
using Coriolis.Providers.Aws;
using Coriolis.Replication;
using Microsoft.Extensions.DependencyInjection;

namespace Coriolis.Morphing.Tests.Boot;

/// <summary>From an instance in EC2 to a machine elsewhere that somebody can log in to.</summary>
[Explicit("Boots virtual machines without hardware acceleration, which takes minutes: bash tests/run.sh Category=Boot")]
[Category("Boot")]
public sealed class BootTests
{
    private const string Region = "eu-west-1";

    private TemporaryDirectory _directory = null!;

    [SetUp]
    public void CreateDirectory() => _directory = new();

    [TearDown]
    public void DeleteDirectory() => _directory.Dispose();

    [Test]
    [CancelAfter(1_800_000)]
    public async Task MorphAsync_ReplicaOfADebian_BootsElsewhereWithAnAddressAndWithoutCloudInit(CancellationToken cancellationToken)
    {
        var source = _directory.Below("source.raw");
        await BootableDisk.CopyToAsync(source);

        // A data volume that does not come along: without "nofail" the machine would stop in its emergency mode.
        DiskFile.Inspect(source, "echo '/dev/xvdf /data ext4 defaults 0 2' >> etc/fstab", writable: true);
        var hostKey = DiskFile.Inspect(source, "cat etc/ssh/ssh_host_ed25519_key.pub").Trim();

        var replica = await ReplicateAsync(source, cancellationToken);
        await MorphAsync(replica, cancellationToken);

        // Other hardware than the source had: chipset, slot and address of the card; and an address that only DHCP can tell.
        var port = FreePort();
        using var machine = QemuMachine.Start(
            [replica],
            "-machine", "q35", "-m", "1024",
            "-netdev", $"user,id=n,restrict=on,net=10.99.7.0/24,dhcpstart=10.99.7.77,hostfwd=tcp:127.0.0.1:{port}-:22",
            "-device", "virtio-net-pci,netdev=n,mac=52:54:00:12:34:56");
        await machine.LogInAsync("root", BootableDisk.Password);

        Assert.That(machine.Console, Does.Not.Contain("cloud-init"), "nothing of it speaks while the machine boots");
        Assert.Multiple(async () =>
        {
            Assert.That(await machine.RunAsync("systemctl is-system-running --wait"), Is.EqualTo("running"));
            Assert.That(await machine.RunAsync("ip -4 -oneline addr show scope global"), Does.Contain("10.99.7.77/24"));
            Assert.That(await machine.RunAsync("hostname"), Is.EqualTo(BootableDisk.HostName));
            Assert.That(await machine.RunAsync("cat /etc/ssh/ssh_host_ed25519_key.pub"), Is.EqualTo(hostKey));
            Assert.That(await machine.RunAsync("dpkg-query --show --showformat='${db:Status-Status}' cloud-init"), Does.Not.Contain("installed"));
            Assert.That(await machine.RunAsync("ls -d /etc/cloud /var/lib/cloud /usr/bin/cloud-init /run/cloud-init 2>/dev/null"), Is.Empty);
            Assert.That(await machine.RunAsync("systemctl list-units --all --no-legend 'cloud-*'; dpkg --audit"), Is.Empty);
            Assert.That(await machine.RunAsync("cat /proc/cmdline"), Does.EndWith("ro console=tty0 console=ttyS0,115200"));
            Assert.That(await ReadBannerAsync(port, cancellationToken), Does.StartWith("SSH-2.0-OpenSSH"));
        });
        await machine.PowerOffAsync();
    }

    [Test]
    [CancelAfter(6_000_000)]
    public async Task DeviceMapperTests_InAMachineWhoseKernelHasIt_Pass(CancellationToken cancellationToken)
    {
        var system = _directory.Below("system.raw");
        await BootableDisk.CopyToAsync(system);
        var programs = _directory.Below("programs");
        Directory.CreateDirectory(programs);
        Machine.Run("cp", "--archive", Path.GetDirectoryName(Environment.ProcessPath)!, Path.Combine(programs, "dotnet"));
        Machine.Run("cp", "--archive", AppContext.BaseDirectory, Path.Combine(programs, "tests"));
        var disk = _directory.Below("programs.raw");
        using (var file = File.Create(disk))
            file.SetLength(4L << 30);
        Machine.Run("mkfs.ext4", "-q", "-d", programs, disk);

        using var machine = QemuMachine.Start([system, disk], "-m", "2048");
        await machine.LogInAsync("root", BootableDisk.Password);
        var output = await machine.RunAsync(
            """
            mkdir /mnt/t; mount /dev/vdb /mnt/t; mkdir /mnt/t/tmp; cd /mnt/t/tests
            export TMPDIR=/mnt/t/tmp DOTNET_ROOT=/mnt/t/dotnet DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 VSTEST_CONNECTION_TIMEOUT=1800
            ../dotnet/dotnet vstest Coriolis.Morphing.Tests.dll --TestCaseFilter:TestCategory=DeviceMapper '--logger:trx;LogFileName=/mnt/t/results.trx' '--logger:console;verbosity=normal'
            grep --only-matching '<Counters [^>]*' /mnt/t/results.trx
            """,
            TimeSpan.FromMinutes(75));

        TestContext.Out.WriteLine(output);
        var counters = System.Text.RegularExpressions.Regex.Match(output, "<Counters total=\"(?<total>\\d+)\" executed=\"(?<executed>\\d+)\" passed=\"(?<passed>\\d+)\"");
        Assert.That(counters.Success, Is.True, output);
        Assert.That(counters.Groups["passed"].Value, Is.EqualTo(counters.Groups["total"].Value), output);
        Assert.That(counters.Groups["total"].Value, Is.Not.EqualTo("0"));
        await machine.PowerOffAsync();
        cancellationToken.ThrowIfCancellationRequested();
    }

    private async Task<string> ReplicateAsync(string source, CancellationToken cancellationToken)
    {
        await using var emulator = await AwsEmulator.StartAsync(new() { DataDirectory = _directory.Below("emulator") }, cancellationToken);
        var instance = await emulator.Admin.CreateInstanceAsync(
            Region, new() { Name = BootableDisk.HostName, Volumes = [new() { SizeGiB = 3, SourceFile = source }] }, cancellationToken);
        await using var services = new ServiceCollection()
            .AddCoriolisAws(aws => aws.UseConnection(new()
            {
                Region = Region,
                EndpointUrl = emulator.Endpoint,
                AccessKeyId = emulator.AccessKeyId,
                SecretAccessKey = emulator.SecretAccessKey,
            }))
            .AddCoriolisReplication(options => options.StateDirectory = _directory.Below("state"))
            .AddRawDestination(options => options.Directory = _directory.Path)
            .BuildServiceProvider();
        var report = await services.GetRequiredService<ReplicaPipeline>().RunAsync(new() { Instance = BootableDisk.HostName }, cancellationToken: cancellationToken);
        Assert.That(report.Status, Is.EqualTo(ExecutionStatus.Succeeded));
        return _directory.Below(instance.VolumeIds[0] + ".raw");
    }

    private static async Task MorphAsync(string replica, CancellationToken cancellationToken)
    {
        await using var services = new ServiceCollection().AddCoriolisAws().AddCoriolisMorphing().BuildServiceProvider();
        var result = await services.GetRequiredService<GuestMorphing>().MorphAsync(new() { Disks = [replica] }, cancellationToken);
        Assert.That(result.Files, Is.Not.Empty);
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static async Task<string?> ReadBannerAsync(int port, CancellationToken cancellationToken)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, port, cancellationToken);
        using var reader = new StreamReader(client.GetStream());
        return await reader.ReadLineAsync(cancellationToken);
    }
}
