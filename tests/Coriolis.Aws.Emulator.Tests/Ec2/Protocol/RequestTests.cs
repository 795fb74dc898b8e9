using System.Net;
using Amazon.EC2.Model;
using Coriolis.Aws.Emulator.Tests.Hosting;

namespace Coriolis.Aws.Emulator.Tests.Ec2.Protocol;

internal sealed class RequestTests
{
    [TestCase("", "MissingParameter")]
    [TestCase("Action=Nonsense", "InvalidAction")]
    [TestCase("Action=DescribeVolumes&Colour=blue", "UnknownParameter")]
    [TestCase("Action=DescribeVolumes&MaxResults=many", "InvalidParameterValue")]
    [TestCase("Action=DescribeVolumes&MaxResults=4", "InvalidParameterValue")]
    [TestCase("Action=DescribeVolumes&MaxResults=1001", "InvalidParameterValue")]
    [TestCase("Action=DescribeVolumes&MaxResults=99999999999", "InvalidParameterValue")]
    [TestCase("Action=DescribeVolumes&NextToken=%00%ff", "InvalidNextToken")]
    [TestCase("Action=DescribeVolumes&Filter.1.Name=colour&Filter.1.Value.1=x", "InvalidParameterValue")]
    [TestCase("Action=DescribeVolumes&Filter.1.Value.1=x", "MissingParameter")]
    [TestCase("Action=DescribeVolumes&VolumeId.1=vol-1", "InvalidVolumeID.Malformed")]
    [TestCase("Action=DescribeVolumes&VolumeId.1=vol-00000000000000000", "InvalidVolume.NotFound")]
    [TestCase("Action=DescribeInstances&InstanceId.1=i-1&MaxResults=5", "InvalidParameterCombination")]
    [TestCase("Action=DescribeInstances&InstanceId.1=x", "InvalidInstanceID.Malformed")]
    [TestCase("Action=DescribeInstances&InstanceId.1=i-00000000000000000", "InvalidInstanceID.NotFound")]
    [TestCase("Action=DescribeSnapshots&SnapshotId.1=snap-0", "InvalidSnapshotID.Malformed")]
    [TestCase("Action=DescribeSnapshots&SnapshotId.1=snap-00000000000000000", "InvalidSnapshot.NotFound")]
    [TestCase("Action=DescribeImages&ImageId.1=ami-00000000000000000", "InvalidAMIID.NotFound")]
    [TestCase("Action=CreateVolume&Size=1", "MissingParameter")]
    [TestCase("Action=CreateVolume&Size=1&AvailabilityZone=eu-west-1z", "InvalidZone.NotFound")]
    [TestCase("Action=CreateVolume&Size=4&AvailabilityZone=eu-west-1a&VolumeType=io1", "MissingParameter")]
    [TestCase("Action=CreateVolume&Size=0&AvailabilityZone=eu-west-1a", "InvalidParameterValue")]
    [TestCase("Action=CreateVolume&Size=99999&AvailabilityZone=eu-west-1a", "InvalidParameterValue")]
    [TestCase("Action=CreateTags&ResourceId.1=zz-1&Tag.1.Key=a", "InvalidID")]
    [TestCase("Action=RunInstances&MinCount=0&MaxCount=1", "InvalidParameterValue")]
    [TestCase("Action=StopInstances", "MissingParameter")]
    public async Task Call_Invalid_AnswersTheCode(string form, string code)
    {
        await using var emulator = await TestEmulator.StartAsync();
        using var http = new HttpClient();

        using var response = await http.SendAsync(RawRequest.Sign(emulator, form, emulator.Time.GetUtcNow()));

        var body = await response.Content.ReadAsStringAsync();
        Assert.Multiple(() =>
        {
            Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.BadRequest));
            Assert.That(body, Does.Contain($"<Code>{code}</Code>").And.Contain("<RequestID>"));
        });
    }

    [TestCase(false)]
    [TestCase(true)]
    public async Task Call_WithBodyOverTheBound_IsReadToItsEndAndRefused(bool chunked)
    {
        await using var emulator = await TestEmulator.StartAsync();
        using var http = new HttpClient();
        using var request = RawRequest.Sign(emulator, new string('a', 2_000_000), emulator.Time.GetUtcNow());
        request.Headers.TransferEncodingChunked = chunked;

        using var response = await http.SendAsync(request);

        var body = await response.Content.ReadAsStringAsync();
        Assert.Multiple(() =>
        {
            Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.RequestEntityTooLarge));
            Assert.That(body, Does.Contain("The body has 2000000 bytes"));
            Assert.That(response.Headers.ConnectionClose, Is.Not.True, "a connection closed with the body half sent loses the answer");
        });
    }

    [Test]
    public async Task Call_WithBodyFarOverTheBound_IsNotReadAndTheNextIsAnswered()
    {
        await using var emulator = await TestEmulator.StartAsync();
        using var http = new HttpClient();
        using var request = RawRequest.Sign(emulator, new string('a', 40_000_000), emulator.Time.GetUtcNow());

        // The connection is closed in the middle of the body, so that the client may see the refusal or only the end.
        var refused = await http.SendAsync(request).ContinueWith(
            static sent => sent.IsFaulted || sent.Result.StatusCode == HttpStatusCode.RequestEntityTooLarge, TaskScheduler.Default);
        var zones = await emulator.Ec2.DescribeAvailabilityZonesAsync(new DescribeAvailabilityZonesRequest());

        Assert.Multiple(() =>
        {
            Assert.That(refused);
            Assert.That(zones.AvailabilityZones.Select(static zone => zone.ZoneId), Is.EqualTo(new[] { "euw1-az1", "euw1-az2", "euw1-az3" }));
        });
    }

    [Test]
    public async Task Call_WithDryRun_ChangesNothing()
    {
        await using var emulator = await TestEmulator.StartAsync();

        var error = await TestEmulator.ErrorAsync(() => emulator.CreateVolumeAsync(1, static request => request.DryRun = true));

        Assert.Multiple(async () =>
        {
            Assert.That(error.ErrorCode, Is.EqualTo("DryRunOperation"));
            Assert.That(error.StatusCode, Is.EqualTo(HttpStatusCode.PreconditionFailed));
            Assert.That(await emulator.Emulator.Admin.GetResourcesAsync(TestEmulator.Region), Is.Empty);
        });
    }

    [Test]
    public async Task CreateVolume_SameClientToken_MakesOneVolume()
    {
        await using var emulator = await TestEmulator.StartAsync();

        var first = await emulator.CreateVolumeAsync(1, static request => request.ClientToken = "token");
        var second = await emulator.CreateVolumeAsync(1, static request => request.ClientToken = "token");
        var code = await TestEmulator.ErrorCodeAsync(() => emulator.CreateVolumeAsync(2, static request => request.ClientToken = "token"));

        Assert.Multiple(() =>
        {
            Assert.That(second.VolumeId, Is.EqualTo(first.VolumeId));
            Assert.That(code, Is.EqualTo("IdempotentParameterMismatch"));
        });
    }

    [Test]
    public async Task CreateVolume_ClientTokenWhoseVolumeIsGone_IsRefusedAndMakesNone()
    {
        await using var emulator = await TestEmulator.StartAsync();
        var volume = await emulator.CreateVolumeAsync(1, static request => request.ClientToken = "token");
        await emulator.Ec2.DeleteVolumeAsync(new DeleteVolumeRequest(volume.VolumeId));

        var code = await TestEmulator.ErrorCodeAsync(() => emulator.CreateVolumeAsync(1, static request => request.ClientToken = "token"));

        Assert.That(code, Is.EqualTo("IdempotentParameterMismatch"));
        Assert.That(await emulator.Emulator.Admin.GetResourcesAsync(TestEmulator.Region), Is.Empty);
    }

    [Test]
    public async Task CopyVolumes_ClientTokenWhoseVolumeIsGone_IsRefusedAndMakesNone()
    {
        await using var emulator = await TestEmulator.StartAsync();
        var source = await emulator.CreateVolumeAsync(1, static request => request.Encrypted = true);
        var request = new CopyVolumesRequest { SourceVolumeId = source.VolumeId, ClientToken = "token" };
        var copy = (await emulator.Ec2.CopyVolumesAsync(request)).Volumes.Single();
        await emulator.Ec2.DeleteVolumeAsync(new DeleteVolumeRequest(copy.VolumeId));

        var code = await TestEmulator.ErrorCodeAsync(() => emulator.Ec2.CopyVolumesAsync(request));

        Assert.That(code, Is.EqualTo("IdempotentParameterMismatch"));
        Assert.That(await emulator.Emulator.Admin.GetResourcesAsync(TestEmulator.Region), Has.Count.EqualTo(1));
    }

    [TestCase(0)]
    [TestCase(1)]
    public async Task RunInstances_ClientTokenWhoseInstanceIsTerminated_IsRefusedAndLaunchesNone(int hoursLater)
    {
        await using var emulator = await TestEmulator.StartAsync();
        var instance = await emulator.LaunchAsync(configure: static request => request.ClientToken = "token");
        await emulator.Ec2.TerminateInstancesAsync(new TerminateInstancesRequest { InstanceIds = [instance.InstanceId] });
        emulator.Time.Advance(TimeSpan.FromHours(hoursLater));

        var code = await TestEmulator.ErrorCodeAsync(() => emulator.LaunchAsync(configure: static request => request.ClientToken = "token"));

        var running = await emulator.Ec2.DescribeInstancesAsync(
            new DescribeInstancesRequest { Filters = [new Filter("instance-state-name", ["pending", "running"])] });
        Assert.That(code, Is.EqualTo("IdempotentInstanceTerminated"));
        Assert.That(running.Reservations ?? [], Is.Empty);
    }

    [Test]
    public async Task DescribeVolumes_InPages_GivesEachVolumeOnceThoughOneIsDeletedMeanwhile()
    {
        await using var emulator = await TestEmulator.StartAsync();
        var ids = new List<string>();
        for (var number = 0; number < 13; number++)
        {
            ids.Add((await emulator.CreateVolumeAsync()).VolumeId);
        }

        var first = await emulator.Ec2.DescribeVolumesAsync(new DescribeVolumesRequest { MaxResults = 5 });
        await emulator.Ec2.DeleteVolumeAsync(new DeleteVolumeRequest { VolumeId = ids[2] });
        var second = await emulator.Ec2.DescribeVolumesAsync(new DescribeVolumesRequest { MaxResults = 5, NextToken = first.NextToken });
        var third = await emulator.Ec2.DescribeVolumesAsync(new DescribeVolumesRequest { MaxResults = 5, NextToken = second.NextToken });

        Assert.Multiple(() =>
        {
            Assert.That(first.Volumes.Concat(second.Volumes).Concat(third.Volumes).Select(static volume => volume.VolumeId), Is.EqualTo(ids));
            Assert.That(third.NextToken, Is.Null);
        });
    }

    [Test]
    public async Task DescribeVolumes_WithFilters_MatchesAllNamesAndAnyValue()
    {
        await using var emulator = await TestEmulator.StartAsync();
        TagSpecification Tagged(string value) => new() { ResourceType = "volume", Tags = [new Tag("job", value)] };
        var a = await emulator.CreateVolumeAsync(1, request => request.TagSpecifications = [Tagged("run-1")]);
        var b = await emulator.CreateVolumeAsync(2, request => request.TagSpecifications = [Tagged("run-2")]);
        _ = await emulator.CreateVolumeAsync(2, request => request.TagSpecifications = [Tagged("other")]);

        var wildcard = await emulator.Ec2.DescribeVolumesAsync(new DescribeVolumesRequest { Filters = [new Filter("tag:job", ["run-?"])] });
        var both = await emulator.Ec2.DescribeVolumesAsync(
            new DescribeVolumesRequest { Filters = [new Filter("tag:job", ["run-1", "run-2"]), new Filter("size", ["2"])] });

        Assert.Multiple(() =>
        {
            Assert.That(wildcard.Volumes.Select(static volume => volume.VolumeId), Is.EqualTo(new[] { a.VolumeId, b.VolumeId }));
            Assert.That(both.Volumes.Select(static volume => volume.VolumeId), Is.EqualTo(new[] { b.VolumeId }));
        });
    }

    [Test]
    public async Task Describe_InAnotherRegion_SeesNothing()
    {
        await using var emulator = await TestEmulator.StartAsync();
        var volume = await emulator.CreateVolumeAsync();

        var code = await TestEmulator.ErrorCodeAsync(
            () => emulator.CreateEc2("us-east-1").DescribeVolumesAsync(new DescribeVolumesRequest { VolumeIds = [volume.VolumeId] }));

        Assert.That(code, Is.EqualTo("InvalidVolume.NotFound"));
    }
}
