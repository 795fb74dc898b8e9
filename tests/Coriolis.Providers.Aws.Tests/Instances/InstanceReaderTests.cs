using Amazon.EC2.Model;
using Coriolis.Aws.Emulator;
using Coriolis.Providers.Aws.Tests.Support;

namespace Coriolis.Providers.Aws.Tests.Instances;

public sealed class InstanceReaderTests
{
    private TestAccount _account = null!;

    [SetUp]
    public async Task StartAsync() => _account = await TestAccount.StartAsync();

    [TearDown]
    public async Task StopAsync() => await _account.DisposeAsync();

    [TestCase(true)]
    [TestCase(false)]
    public async Task GetInstanceAsync_ByIdOrName_ReadsEverything(bool byName)
    {
        var id = await _account.LaunchAsync("web", dataDisks: 2);

        var instance = await _account.Provider.GetInstanceAsync(byName ? "web" : id);

        Assert.Multiple(() =>
        {
            Assert.That(instance.Id, Is.EqualTo(id));
            Assert.That(instance.Name, Is.EqualTo("web"));
            Assert.That(instance.Region, Is.EqualTo(TestAccount.Region));
            Assert.That(instance.AccountId, Is.EqualTo("123456789012"));
            Assert.That(instance.Flavor, Is.EqualTo(new InstanceFlavor("t3.medium", 2, 4096)));
            Assert.That(instance.Architecture, Is.EqualTo("x86_64"));
            Assert.That(instance.OsType, Is.EqualTo(OsType.Linux));
            Assert.That(instance.PowerState, Is.EqualTo(PowerState.Running));
            Assert.That(instance.Disks.Select(d => (d.DeviceName, d.SizeBytes >> 30, d.IsBoot)), Is.EqualTo(new[] { ("/dev/xvda", 8L, true), ("/dev/sdf", 1L, false), ("/dev/sdg", 2L, false) }));
            Assert.That(instance.Disks.Select(d => d.VolumeType), Has.All.EqualTo("gp3"));
            Assert.That(instance.Nics, Has.Count.EqualTo(1));
            Assert.That(instance.Nics[0].IpAddresses, Is.Not.Empty);
            Assert.That(instance.Tags["Name"], Is.EqualTo("web"));
        });
    }

    [Test]
    public async Task GetInstanceAsync_NameOfSeveral_ListsTheirIds()
    {
        var first = await _account.LaunchAsync("web");
        var second = await _account.LaunchAsync("web");

        var error = Assert.ThrowsAsync<AmbiguousInstanceException>(() => _account.Provider.GetInstanceAsync("web"));

        Assert.That(error!.InstanceIds, Is.EquivalentTo(new[] { first, second }));
        Assert.That(error.Message, Does.Contain(first).And.Contain(second));
    }

    [Test]
    public async Task GetInstanceAsync_NameWithWildcards_MatchesItselfOnly()
    {
        await _account.LaunchAsync("web-1");
        var id = await _account.LaunchAsync("web-*");

        var instance = await _account.Provider.GetInstanceAsync("web-*");

        Assert.That(instance.Id, Is.EqualTo(id));
    }

    [TestCase("i-0123456789abcdef0", "no instance i-0123456789abcdef0 in the region eu-west-1")]
    [TestCase("i-nonsense", "not a well-formed instance id")]
    [TestCase("nobody", "has the Name tag 'nobody'")]
    public void GetInstanceAsync_UnknownInstance_SaysThatItMustBeInTheRegion(string idOrName, string expected)
    {
        var error = Assert.ThrowsAsync<InstanceNotFoundException>(() => _account.Provider.GetInstanceAsync(idOrName));

        Assert.That(error!.Message, Does.Contain(expected).And.Contain("eu-west-1"));
    }

    [Test]
    public async Task GetInstanceAsync_Terminated_IsUnsupported()
    {
        var id = await _account.LaunchAsync("gone");
        await _account.Ec2.TerminateInstancesAsync(new TerminateInstancesRequest { InstanceIds = [id] });

        var error = Assert.ThrowsAsync<UnsupportedInstanceException>(() => _account.Provider.GetInstanceAsync(id));

        Assert.That(error!.Message, Does.Contain("terminated"));
    }

    [Test]
    public async Task GetInstanceAsync_InstanceStoreType_ReportsTheDisks()
    {
        var id = await _account.LaunchAsync("fast", adjust: request => request.InstanceType = "i3.large");

        var instance = await _account.Provider.GetInstanceAsync(id);

        Assert.That(instance.Disks[^1], Has.Property("Id").EqualTo("ephemeral0").And.Property("Kind").EqualTo(DiskKind.InstanceStore));
    }

    [Test]
    public async Task GetInstanceAsync_VolumeGoneMeanwhile_LeavesOnlyItOut()
    {
        var id = await _account.LaunchAsync("web", dataDisks: 2);
        var disks = (await _account.Provider.GetInstanceAsync(id)).Disks;
        _account.Emulator.Faults.Add(new FaultRule { Operation = "ec2:DescribeVolumes", Kind = FaultKind.NotFound, ResourceId = disks[2].Id });

        var instance = await _account.Provider.GetInstanceAsync(id);

        Assert.That(instance.Disks.Select(d => d.Id), Is.EqualTo(new[] { disks[0].Id, disks[1].Id }));
    }

    [Test]
    public async Task GetInstanceAsync_NotPermitted_NamesThePermission()
    {
        var id = await _account.LaunchAsync("web");
        _account.Fail("ec2:DescribeVolumes", FaultKind.AccessDenied);

        var error = Assert.ThrowsAsync<SourceAccessDeniedException>(() => _account.Provider.GetInstanceAsync(id));

        Assert.That(error!.Remedy, Does.Contain("ec2:DescribeVolumes"));
    }

    [Test]
    public async Task ListInstancesAsync_Filters_NarrowTheListing()
    {
        var web = await _account.LaunchAsync("web-1");
        await _account.LaunchAsync("db");
        var gone = await _account.LaunchAsync("web-2");
        await _account.Ec2.TerminateInstancesAsync(new TerminateInstancesRequest { InstanceIds = [gone] });
        await _account.Ec2.CreateTagsAsync(new CreateTagsRequest { Resources = [web], Tags = [new Tag("stage", "a*")] });

        var all = await ListAsync(new InstanceFilter());
        var byName = await ListAsync(new InstanceFilter { NamePattern = "web-?" });
        var byTag = await ListAsync(new InstanceFilter { Tags = new Dictionary<string, string> { ["stage"] = "a*" } });
        var byWrongTag = await ListAsync(new InstanceFilter { Tags = new Dictionary<string, string> { ["stage"] = "?*" } });

        Assert.Multiple(() =>
        {
            Assert.That(all, Is.EquivalentTo(new[] { "web-1", "db" }));
            Assert.That(byName, Is.EqualTo(new[] { "web-1" }));
            Assert.That(byTag, Is.EqualTo(new[] { "web-1" }));
            Assert.That(byWrongTag, Is.Empty);
        });
    }

    private async Task<List<string>> ListAsync(InstanceFilter filter)
    {
        var names = new List<string>();
        await foreach (var instance in _account.Provider.ListInstancesAsync(filter))
        {
            names.Add(instance.Name);
        }

        return names;
    }
}
