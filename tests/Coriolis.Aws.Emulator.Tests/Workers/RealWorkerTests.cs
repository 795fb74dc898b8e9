using System.Net;
using System.Security.Cryptography;
using System.Text;
using Amazon.EC2.Model;
using Coriolis.Aws.Emulator.Tests.Hosting;
using Renci.SshNet;

namespace Coriolis.Aws.Emulator.Tests.Workers;

internal sealed class RealWorkerTests
{
    [Test]
    public async Task RunInstances_OfUbuntu_LetsTheImportedKeyInAndBecomeRoot()
    {
        await using var fixture = await WorkerFixture.StartAsync();

        var instance = await fixture.LaunchAsync();

        Assert.That(await fixture.RunAsync(instance, "whoami; sudo -n whoami"), Is.EqualTo("ubuntu\nroot"));
    }

    [Test]
    public async Task AttachVolume_OnNitro_IsABlockDeviceUnderItsIdWithTheVolumesBytes()
    {
        await using var fixture = await WorkerFixture.StartAsync();
        var instance = await fixture.LaunchAsync();
        var volume = await fixture.Aws.CreateVolumeAsync();
        var data = RandomNumberGenerator.GetBytes(1 << 20);
        await File.WriteAllBytesAsync(fixture.Aws.Emulator.Admin.GetVolumePath(TestEmulator.Region, volume.VolumeId), Grown(data));

        await fixture.Aws.AttachAsync(volume.VolumeId, instance.InstanceId);

        var device = $"/dev/disk/by-id/nvme-Amazon_Elastic_Block_Store_{volume.VolumeId.Replace("-", "")}";
        var output = await fixture.RunAsync(instance, $"readlink -f {device}; sudo blockdev --getsize64 {device}; sudo head -c 1M {device} | sha256sum");
        Assert.That(output.Split('\n'), Is.EqualTo(new[] { "/dev/nvme1n1", $"{1L << 30}", $"{WorkerFixture.Digest(data)}  -" }));

        await fixture.Aws.Ec2.DetachVolumeAsync(new DetachVolumeRequest(volume.VolumeId));
        Assert.That(await fixture.RunAsync(instance, "find /dev -name 'nvme*'"), Is.Empty);
    }

    [Test]
    public async Task AttachVolume_OnXen_IsCalledAfterItsDeviceName()
    {
        await using var fixture = await WorkerFixture.StartAsync();
        var instance = await fixture.LaunchAsync("t2.medium");
        var volume = await fixture.Aws.CreateVolumeAsync();

        await fixture.Aws.AttachAsync(volume.VolumeId, instance.InstanceId, "/dev/sdg");

        Assert.That(await fixture.RunAsync(instance, "sudo blockdev --getsize64 /dev/xvdg"), Is.EqualTo($"{1L << 30}"));
    }

    [Test]
    public async Task RunInstances_WithCloudConfig_HasItsHostKeyAndUser()
    {
        await using var fixture = await WorkerFixture.StartAsync();
        var hostKey = await fixture.Aws.Ec2.CreateKeyPairAsync(new CreateKeyPairRequest("host"));
        var instance = await fixture.LaunchAsync(userData: $"""
            #cloud-config
            ssh_keys:
              rsa_private: |
                {hostKey.KeyPair.KeyMaterial.Trim().ReplaceLineEndings("\n    ")}
            users:
              - name: reader
                sudo: ALL=(ALL) NOPASSWD:ALL
            """);
        string? seen = null;

        var user = await fixture.RunAsync(instance, "whoami", "reader", key => seen = $"SHA256:{key.FingerPrintSHA256}");

        var console = await fixture.Aws.Ec2.GetConsoleOutputAsync(new GetConsoleOutputRequest(instance.InstanceId));
        Assert.Multiple(() =>
        {
            Assert.That(user, Is.EqualTo("reader"));
            Assert.That(seen, Is.EqualTo($"SHA256:{Fingerprint(hostKey.KeyPair.KeyMaterial)}"));
            Assert.That(Encoding.UTF8.GetString(Convert.FromBase64String(console.Output)), Does.Contain(seen));
        });
    }

    [Test]
    public async Task RebootInstances_OfAWorker_BootsAgainUnderTheSameAddressWithItsDisks()
    {
        await using var fixture = await WorkerFixture.StartAsync();
        var instance = await fixture.LaunchAsync();
        var volume = await fixture.Aws.CreateVolumeAsync();
        await fixture.Aws.AttachAsync(volume.VolumeId, instance.InstanceId);
        await fixture.RunAsync(instance, "touch /tmp/before; touch kept");

        await fixture.Aws.Ec2.RebootInstancesAsync(new RebootInstancesRequest([instance.InstanceId]));

        Assert.That(await fixture.RunAsync(instance, "ls /tmp; ls; ls /dev/nvme*"), Is.EqualTo("kept\n/dev/nvme1n1"));
    }

    [Test]
    public async Task StopAndStart_OfAWorker_IsReachedUnderTheAddressThatItHasThen()
    {
        await using var fixture = await WorkerFixture.StartAsync();
        var instance = await fixture.LaunchAsync();
        List<string> ids = [instance.InstanceId];

        await fixture.Aws.Ec2.StopInstancesAsync(new StopInstancesRequest { InstanceIds = ids });
        var stopped = await fixture.Aws.DescribeAsync(instance.InstanceId);
        await fixture.Aws.Ec2.StartInstancesAsync(new StartInstancesRequest { InstanceIds = ids });
        var started = await fixture.Aws.DescribeAsync(instance.InstanceId);

        Assert.That(stopped.PublicIpAddress, Is.Null);
        Assert.That(await fixture.RunAsync(started, "whoami"), Is.EqualTo("ubuntu"));
    }

    [Test]
    public async Task RebootInstances_OfANitroWorker_NumbersItsDisksInAnotherOrder()
    {
        await using var fixture = await WorkerFixture.StartAsync();
        var instance = await fixture.LaunchAsync();
        foreach (var device in new[] { "/dev/sdf", "/dev/sdg" })
        {
            var volume = await fixture.Aws.CreateVolumeAsync();
            await fixture.Aws.AttachAsync(volume.VolumeId, instance.InstanceId, device);
        }

        const string links = "for link in /dev/disk/by-id/*; do echo $link $(readlink $link); done";
        var before = await fixture.RunAsync(instance, links);
        await fixture.Aws.Ec2.RebootInstancesAsync(new RebootInstancesRequest([instance.InstanceId]));
        var after = await fixture.RunAsync(instance, links);

        Assert.That(before, Does.Contain("/dev/nvme1n1").And.Contain("/dev/nvme2n1"));
        Assert.That(after, Is.EqualTo(before.Replace("nvme1n1", "other").Replace("nvme2n1", "nvme1n1").Replace("other", "nvme2n1")));
    }

    [Test]
    public async Task SlowDisk_OfAWorker_LimitsItsReads()
    {
        await using var fixture = await WorkerFixture.StartAsync();
        fixture.Aws.Emulator.Faults.Add(new FaultRule { Operation = "ec2:RunInstances", Kind = FaultKind.SlowDisk });
        var instance = await fixture.LaunchAsync();
        var volume = await fixture.Aws.CreateVolumeAsync();
        await fixture.Aws.AttachAsync(volume.VolumeId, instance.InstanceId);

        var started = TimeProvider.System.GetTimestamp();
        await fixture.RunAsync(instance, "sudo dd if=/dev/nvme1n1 of=/dev/null bs=1M count=64 iflag=direct 2> /dev/null");

        // 64 MiB at 32 MiB/s; unlimited it takes a tenth of that.
        Assert.That(TimeProvider.System.GetElapsedTime(started), Is.GreaterThan(TimeSpan.FromSeconds(1.5)));
    }

    [Test]
    public async Task PowerOff_FromInside_TerminatesWhenTheInstanceIsSoConfigured()
    {
        await using var fixture = await WorkerFixture.StartAsync();
        var instance = await fixture.LaunchAsync();
        await fixture.Aws.Ec2.ModifyInstanceAttributeAsync(new ModifyInstanceAttributeRequest
        {
            InstanceId = instance.InstanceId,
            InstanceInitiatedShutdownBehavior = "terminate",
        });

        await fixture.RunAsync(instance, "sudo shutdown -P +30");
        Assert.That((await fixture.Aws.DescribeAsync(instance.InstanceId)).State.Name.Value, Is.EqualTo("running"));
        fixture.Aws.Time.Advance(TimeSpan.FromMinutes(31));

        await fixture.Aws.DescribeAsync(instance.InstanceId);
        Assert.That((await fixture.Aws.DescribeAsync(instance.InstanceId)).State.Name.Value, Is.EqualTo("terminated"));
    }

    [Test]
    public async Task TerminateInstances_OfAWorker_LeavesNothingOnTheHost()
    {
        await using var fixture = await WorkerFixture.StartAsync();
        var instance = await fixture.LaunchAsync();
        var volume = await fixture.Aws.CreateVolumeAsync();
        await fixture.Aws.AttachAsync(volume.VolumeId, instance.InstanceId);
        await fixture.RunAsync(instance, "true");
        var file = fixture.Aws.Emulator.Admin.GetVolumePath(TestEmulator.Region, volume.VolumeId);
        Assert.That(LoopFiles(), Does.Contain(file));
        Assert.That(Addresses(), Does.Contain(HostSide(instance.PublicIpAddress)));

        await fixture.Aws.Ec2.TerminateInstancesAsync(new TerminateInstancesRequest([instance.InstanceId]));

        Assert.That(LoopFiles(), Does.Not.Contain(file));
        Assert.That(Addresses, Does.Not.Contain(HostSide(instance.PublicIpAddress)).After(5000, 50));
    }

    private static string Fingerprint(string privateKey)
    {
        using var key = new PrivateKeyFile(new MemoryStream(Encoding.ASCII.GetBytes(privateKey)));
        return Convert.ToBase64String(SHA256.HashData(key.HostKeyAlgorithms.First().Data)).TrimEnd('=');
    }

    private static byte[] Grown(byte[] data)
    {
        Array.Resize(ref data, 1 << 30);
        return data;
    }

    private static List<string> LoopFiles() =>
        [.. Directory.GetDirectories("/sys/block", "loop*").Select(static loop => $"{loop}/loop/backing_file").Where(File.Exists).Select(File.ReadAllText).Select(static text => text.Trim())];

    private static List<string> Addresses() =>
        [.. System.Net.NetworkInformation.NetworkInterface.GetAllNetworkInterfaces().SelectMany(static nic => nic.GetIPProperties().UnicastAddresses).Select(static item => item.Address.ToString())];

    /// <summary>The host has the address before the machine's.</summary>
    private static string HostSide(string address)
    {
        var bytes = IPAddress.Parse(address).GetAddressBytes();
        bytes[3]--;
        return new IPAddress(bytes).ToString();
    }
}
