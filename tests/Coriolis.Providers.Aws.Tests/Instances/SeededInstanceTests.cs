using Coriolis.Aws.Emulator;
using Coriolis.Providers.Aws.Tests.Support;

namespace Coriolis.Providers.Aws.Tests.Instances;

/// <summary>Instances that no call of AWS can make any more, or not without a Marketplace.</summary>
public sealed class SeededInstanceTests
{
    private TestAccount _account = null!;

    [SetUp]
    public async Task StartAsync() => _account = await TestAccount.StartAsync();

    [TearDown]
    public async Task StopAsync() => await _account.DisposeAsync();

    [Test]
    public async Task GetInstanceAsync_Paravirtual_IsUnsupported()
    {
        var id = await SeedAsync(new InstanceSeed { Volumes = [s_root], VirtualizationType = "paravirtual", InstanceType = "t2.micro" });

        var error = Assert.ThrowsAsync<UnsupportedInstanceException>(() => _account.Provider.GetInstanceAsync(id));

        Assert.That(error!.Message, Does.Contain("paravirtual").And.Contain("HVM"));
    }

    [Test]
    public async Task GetInstanceAsync_NoVolume_IsUnsupported()
    {
        var id = await SeedAsync(new InstanceSeed { Volumes = [], RootDeviceType = "instance-store", InstanceType = "i3.large" });

        var error = Assert.ThrowsAsync<UnsupportedInstanceException>(() => _account.Provider.GetInstanceAsync(id));

        Assert.That(error!.Message, Does.Contain("no EBS volume"));
    }

    [Test]
    public async Task GetInstanceAsync_MarketplaceHibernationWindows_AreReported()
    {
        var id = await SeedAsync(new InstanceSeed
        {
            Volumes = [s_root],
            ProductCodes = ["abc123"],
            HibernationConfigured = true,
            Platform = "windows",
            PlatformDetails = "Windows",
            BootMode = "uefi",
            State = "stopped",
        });

        var instance = await _account.Provider.GetInstanceAsync(id);

        Assert.Multiple(() =>
        {
            Assert.That(instance.ProductCodes, Is.EqualTo(new[] { "abc123" }));
            Assert.That(instance.HibernationConfigured, Is.True);
            Assert.That(instance.OsType, Is.EqualTo(OsType.Windows));
            Assert.That(instance.Firmware, Is.EqualTo(FirmwareType.Uefi));
            Assert.That(instance.PowerState, Is.EqualTo(PowerState.Stopped));
        });
    }

    private static readonly VolumeSeed s_root = new() { DeviceName = "/dev/sda1", SizeGiB = 1 };

    private async Task<string> SeedAsync(InstanceSeed seed) =>
        (await _account.Emulator.Admin.CreateInstanceAsync(TestAccount.Region, seed)).InstanceId;
}
