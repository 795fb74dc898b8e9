using System.Text.Json;
using Amazon.EC2;
using Amazon.EC2.Model;
using Coriolis.Aws.Emulator.Tests.Hosting;

namespace Coriolis.Aws.Emulator.Tests.Workers;

/// <summary>The instance metadata service, asked from within a machine.</summary>
internal sealed class MetadataTests
{
    private const string Base = "http://169.254.169.254";
    private const string Status = "curl -s -m 5 -o /dev/null -w '%{http_code}'";
    private const string Token = $"curl -s -m 5 -X PUT {Base}/latest/api/token -H 'X-aws-ec2-metadata-token-ttl-seconds: 60'";

    [Test]
    public async Task Get_WithAToken_SaysWhatTheApiSays()
    {
        await using var fixture = await WorkerFixture.StartAsync();
        var instance = await fixture.LaunchAsync();

        var nic = instance.NetworkInterfaces.Single();
        var macs = $"network/interfaces/macs/{nic.MacAddress}";
        var expected = new Dictionary<string, string>
        {
            ["ami-id"] = instance.ImageId,
            ["block-device-mapping"] = "ami\nroot",
            ["block-device-mapping/root"] = "/dev/sda1",
            ["instance-id"] = instance.InstanceId,
            ["instance-life-cycle"] = "on-demand",
            ["instance-type"] = "t3.medium",
            ["local-hostname"] = instance.PrivateDnsName,
            ["local-ipv4"] = instance.PrivateIpAddress,
            ["mac"] = nic.MacAddress,
            [$"{macs}/interface-id"] = nic.NetworkInterfaceId,
            [$"{macs}/ipv4-associations/{instance.PublicIpAddress}"] = instance.PrivateIpAddress,
            [$"{macs}/security-group-ids"] = nic.Groups.Single().GroupId,
            [$"{macs}/subnet-id"] = instance.SubnetId,
            [$"{macs}/vpc-id"] = instance.VpcId,
            ["network/interfaces/macs/"] = $"{nic.MacAddress}/",
            ["placement/availability-zone"] = instance.Placement.AvailabilityZone,
            ["placement/region"] = TestEmulator.Region,
            ["public-ipv4"] = instance.PublicIpAddress,
            ["public-keys/"] = "0=worker",
            ["public-keys/0/openssh-key"] = await PublicKeyAsync(fixture),
            ["reservation-id"] = await ReservationAsync(fixture, instance),
            ["security-groups"] = "default",
        };
        var asked = expected.Keys.Select(static path => $"echo '== {path}'; curl -sf -m 5 -H \"X-aws-ec2-metadata-token: $token\" {Base}/latest/meta-data/{path}; echo");
        var script = $"cat /sys/class/net/eth0/address; token=$({Token})\n{string.Join('\n', asked)}";

        Assert.That(
            await fixture.RunAsync(instance, script),
            Is.EqualTo($"{nic.MacAddress}\n{string.Join('\n', expected.Select(static item => $"== {item.Key}\n{item.Value}"))}"));
    }

    [Test]
    public async Task Get_OfAFolder_ListsWhatIsInIt()
    {
        await using var fixture = await WorkerFixture.StartAsync();
        var instance = await fixture.LaunchAsync(userData: "#!/bin/true");

        Assert.That(await GetAsync(fixture, instance, ""), Is.EqualTo("dynamic\nmeta-data\nuser-data"));
        Assert.That(await GetAsync(fixture, instance, "meta-data/"), Does.StartWith("ami-id\n").And.Contain("\nblock-device-mapping/\n").And.Not.Contain("tags"));
        Assert.That(await GetAsync(fixture, instance, "meta-data/placement"), Is.EqualTo("availability-zone\navailability-zone-id\nregion"));
        Assert.That(await fixture.RunAsync(instance, $"{Status} -H \"X-aws-ec2-metadata-token: $({Token})\" {Base}/latest/meta-data/iam/info"), Is.EqualTo("404"));
    }

    [Test]
    public async Task Get_OfUserDataAndIdentity_IsThatOfTheInstance()
    {
        await using var fixture = await WorkerFixture.StartAsync();
        var instance = await fixture.LaunchAsync(userData: "#cloud-config\n{}");

        Assert.That(await GetAsync(fixture, instance, "user-data"), Is.EqualTo("#cloud-config\n{}"));
        using var document = JsonDocument.Parse(await GetAsync(fixture, instance, "dynamic/instance-identity/document"));
        Assert.Multiple(() =>
        {
            Assert.That(document.RootElement.GetProperty("instanceId").GetString(), Is.EqualTo(instance.InstanceId));
            Assert.That(document.RootElement.GetProperty("accountId").GetString(), Is.EqualTo("123456789012"));
            Assert.That(document.RootElement.GetProperty("pendingTime").GetDateTime(), Is.EqualTo(instance.LaunchTime));
        });
    }

    [Test]
    public async Task Get_WithoutAToken_IsAnsweredOnlyWhereTokensAreOptional()
    {
        await using var fixture = await WorkerFixture.StartAsync();
        var instance = await fixture.LaunchAsync(configure: static request => request.MetadataOptions = new InstanceMetadataOptionsRequest { HttpTokens = HttpTokensState.Required });
        Assert.That(await fixture.RunAsync(instance, $"{Status} {Base}/latest/meta-data/instance-id"), Is.EqualTo("401"));

        await ModifyAsync(fixture, instance, static request => request.HttpTokens = HttpTokensState.Optional);

        Assert.That(await fixture.RunAsync(instance, $"curl -s {Base}/latest/meta-data/instance-id"), Is.EqualTo(instance.InstanceId));
        Assert.That(await fixture.RunAsync(instance, $"{Status} -H 'X-aws-ec2-metadata-token: invented' {Base}/latest/meta-data/"), Is.EqualTo("401"));
    }

    [Test]
    public async Task Get_WhereTheEndpointIsDisabled_IsForbidden()
    {
        await using var fixture = await WorkerFixture.StartAsync();
        var instance = await fixture.LaunchAsync(configure: static request => request.MetadataOptions = new InstanceMetadataOptionsRequest { HttpEndpoint = InstanceMetadataEndpointState.Disabled });
        Assert.That(await fixture.RunAsync(instance, $"{Status} {Base}/latest/meta-data/; {Status} -X PUT {Base}/latest/api/token"), Is.EqualTo("403403"));

        await ModifyAsync(fixture, instance, static request => request.HttpEndpoint = InstanceMetadataEndpointState.Enabled);

        Assert.That(await GetAsync(fixture, instance, "meta-data/instance-id"), Is.EqualTo(instance.InstanceId));
    }

    [Test]
    public async Task Get_WithAnExpiredToken_IsUnauthorized()
    {
        await using var fixture = await WorkerFixture.StartAsync();
        var instance = await fixture.LaunchAsync();
        var token = await fixture.RunAsync(instance, Token);
        var ask = $"{Status} -H 'X-aws-ec2-metadata-token: {token}' {Base}/latest/meta-data/";
        Assert.That(await fixture.RunAsync(instance, ask), Is.EqualTo("200"));

        fixture.Aws.Time.Advance(TimeSpan.FromSeconds(60));

        Assert.That(await fixture.RunAsync(instance, ask), Is.EqualTo("401"));
    }

    [Test]
    public async Task Put_WithAWrongLifetimeOrThroughAProxy_IsRefused()
    {
        await using var fixture = await WorkerFixture.StartAsync();
        var instance = await fixture.LaunchAsync();
        string[] requests =
        [
            "",
            "-H 'X-aws-ec2-metadata-token-ttl-seconds: 0'",
            "-H 'X-aws-ec2-metadata-token-ttl-seconds: 21601'",
            "-H 'X-aws-ec2-metadata-token-ttl-seconds: 21600'",
            "-H 'X-aws-ec2-metadata-token-ttl-seconds: 60' -H 'X-Forwarded-For: 10.0.0.1'",
        ];

        var statuses = await fixture.RunAsync(instance, string.Join("; echo; ", requests.Select(static headers => $"{Status} -X PUT {headers} {Base}/latest/api/token")));

        Assert.That(statuses.Split('\n'), Is.EqualTo(new[] { "400", "400", "400", "200", "403" }));
    }

    [Test]
    public async Task Put_FromANetworkWithinTheMachine_IsAnsweredFromAHopLimitOfTwo()
    {
        await using var fixture = await WorkerFixture.StartAsync();
        var instance = await fixture.LaunchAsync(configure: static request => request.MetadataOptions = new InstanceMetadataOptionsRequest { HttpPutResponseHopLimit = 1 });
        await fixture.RunAsync(instance, """
            sudo sh -e -c '
            ip netns add inner
            ip link add outer type veth peer name inner netns inner
            ip addr add 10.9.0.1/24 dev outer
            ip link set outer up
            ip -n inner addr add 10.9.0.2/24 dev inner
            ip -n inner link set inner up
            ip -n inner route add default via 10.9.0.1'
            """);
        const string inner = "sudo ip netns exec inner curl -s -m 2 -o /dev/null -w '%{http_code}' -X PUT -H 'X-aws-ec2-metadata-token-ttl-seconds: 60' " + $"{Base}/latest/api/token || true";
        Assert.That(await fixture.RunAsync(instance, inner), Is.EqualTo("000"));
        Assert.That(await GetAsync(fixture, instance, "meta-data/instance-id"), Is.EqualTo(instance.InstanceId));

        await ModifyAsync(fixture, instance, static request => request.HttpPutResponseHopLimit = 2);

        Assert.That(await fixture.RunAsync(instance, inner), Is.EqualTo("200"));
    }

    [Test]
    public async Task Get_OfTags_IsThereWhereTheOptionsSaySo()
    {
        await using var fixture = await WorkerFixture.StartAsync();
        var instance = await fixture.LaunchAsync(configure: static request => request.MetadataOptions = new InstanceMetadataOptionsRequest { InstanceMetadataTags = InstanceMetadataTagsState.Enabled });

        Assert.That(await GetAsync(fixture, instance, "meta-data/tags/instance"), Is.EqualTo("Name"));
        Assert.That(await GetAsync(fixture, instance, "meta-data/tags/instance/Name"), Is.EqualTo("web"));
    }

    [Test]
    public async Task Get_OfBlockDevices_NamesVolumesThatWereThereAtTheStart()
    {
        await using var fixture = await WorkerFixture.StartAsync();
        var instance = await fixture.LaunchAsync(configure: static request => request.BlockDeviceMappings =
            [new BlockDeviceMapping { DeviceName = "/dev/sdf", Ebs = new EbsBlockDevice { VolumeSize = 1 } }]);
        fixture.Aws.Time.Advance(TimeSpan.FromMinutes(1));
        await fixture.Aws.AttachAsync((await fixture.Aws.CreateVolumeAsync()).VolumeId, instance.InstanceId, "/dev/sdg");

        Assert.That(await GetAsync(fixture, instance, "meta-data/block-device-mapping"), Is.EqualTo("ami\nebs1\nroot"));
        Assert.That(await GetAsync(fixture, instance, "meta-data/block-device-mapping/ebs1"), Is.EqualTo("sdf"));
    }

    private static Task<string> GetAsync(WorkerFixture fixture, Instance instance, string path) =>
        fixture.RunAsync(instance, $"curl -sf -m 5 -H \"X-aws-ec2-metadata-token: $({Token})\" {Base}/latest/{path}");

    private static async Task ModifyAsync(WorkerFixture fixture, Instance instance, Action<ModifyInstanceMetadataOptionsRequest> change)
    {
        var request = new ModifyInstanceMetadataOptionsRequest { InstanceId = instance.InstanceId };
        change(request);
        await fixture.Aws.Ec2.ModifyInstanceMetadataOptionsAsync(request);
    }

    private static async Task<string> PublicKeyAsync(WorkerFixture fixture) =>
        (await fixture.Aws.Ec2.DescribeKeyPairsAsync(new DescribeKeyPairsRequest { KeyNames = ["worker"], IncludePublicKey = true })).KeyPairs.Single().PublicKey.Trim();

    private static async Task<string> ReservationAsync(WorkerFixture fixture, Instance instance) =>
        (await fixture.Aws.Ec2.DescribeInstancesAsync(new DescribeInstancesRequest { InstanceIds = [instance.InstanceId] })).Reservations.Single().ReservationId;
}
