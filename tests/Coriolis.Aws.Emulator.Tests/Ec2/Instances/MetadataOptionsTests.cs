using Amazon.EC2;
using Amazon.EC2.Model;
using Coriolis.Aws.Emulator.Tests.Hosting;

namespace Coriolis.Aws.Emulator.Tests.Ec2.Instances;

internal sealed class MetadataOptionsTests
{
    [Test]
    public async Task RunInstances_WithMetadataOptions_IsDescribedWithThem()
    {
        await using var emulator = await TestEmulator.StartAsync();

        var launched = await emulator.LaunchAsync(configure: static request => request.MetadataOptions = new InstanceMetadataOptionsRequest
        {
            HttpTokens = HttpTokensState.Required,
            HttpPutResponseHopLimit = 3,
            InstanceMetadataTags = InstanceMetadataTagsState.Enabled,
        });

        Assert.That(Text((await emulator.DescribeAsync(launched.InstanceId)).MetadataOptions), Is.EqualTo("applied enabled required 3 disabled enabled"));
    }

    [Test]
    public async Task ModifyInstanceMetadataOptions_OfSome_LeavesTheOthersAcrossARestart()
    {
        await using var emulator = await TestEmulator.StartAsync();
        var launched = await emulator.LaunchAsync(configure: static request =>
            request.MetadataOptions = new InstanceMetadataOptionsRequest { HttpTokens = HttpTokensState.Required, HttpPutResponseHopLimit = 3 });

        var modified = await emulator.Ec2.ModifyInstanceMetadataOptionsAsync(new ModifyInstanceMetadataOptionsRequest
        {
            InstanceId = launched.InstanceId,
            HttpEndpoint = InstanceMetadataEndpointState.Disabled,
        });
        await emulator.RestartAsync();

        Assert.That(Text(modified.InstanceMetadataOptions), Is.EqualTo("pending disabled required 3 disabled disabled"));
        Assert.That(Text((await emulator.DescribeAsync(launched.InstanceId)).MetadataOptions), Is.EqualTo("applied disabled required 3 disabled disabled"));
    }

    [Test]
    public async Task ModifyInstanceMetadataOptions_OutOfRangeOrTerminated_IsRefused()
    {
        await using var emulator = await TestEmulator.StartAsync();
        var launched = await emulator.LaunchAsync();
        Task Modify(int hopLimit) => emulator.Ec2.ModifyInstanceMetadataOptionsAsync(
            new ModifyInstanceMetadataOptionsRequest { InstanceId = launched.InstanceId, HttpPutResponseHopLimit = hopLimit });

        Assert.That(await TestEmulator.ErrorCodeAsync(() => Modify(65)), Is.EqualTo("InvalidParameterValue"));
        await emulator.Ec2.TerminateInstancesAsync(new TerminateInstancesRequest([launched.InstanceId]));
        Assert.That(await TestEmulator.ErrorCodeAsync(() => Modify(2)), Is.EqualTo("IncorrectInstanceState"));
    }

    [Test]
    public async Task CreateTags_WithASlash_IsRefusedWhereTagsAreServed()
    {
        await using var emulator = await TestEmulator.StartAsync();
        var launched = await emulator.LaunchAsync(configure: static request =>
            request.MetadataOptions = new InstanceMetadataOptionsRequest { InstanceMetadataTags = InstanceMetadataTagsState.Enabled });
        Task Tag() => emulator.Ec2.CreateTagsAsync(new CreateTagsRequest([launched.InstanceId], [new Tag("team/web", "x")]));

        Assert.That(await TestEmulator.ErrorCodeAsync(Tag), Is.EqualTo("InvalidParameterValue"));
        await emulator.Ec2.ModifyInstanceMetadataOptionsAsync(new ModifyInstanceMetadataOptionsRequest
        {
            InstanceId = launched.InstanceId,
            InstanceMetadataTags = InstanceMetadataTagsState.Disabled,
        });
        await Tag();
        Assert.That((await emulator.DescribeAsync(launched.InstanceId)).Tags.Select(static tag => tag.Key), Does.Contain("team/web"));
    }

    private static string Text(InstanceMetadataOptionsResponse options) =>
        $"{options.State} {options.HttpEndpoint} {options.HttpTokens} {options.HttpPutResponseHopLimit} {options.HttpProtocolIpv6} {options.InstanceMetadataTags}";
}
