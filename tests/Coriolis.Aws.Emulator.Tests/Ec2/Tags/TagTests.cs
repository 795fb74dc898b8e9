using Amazon.EC2.Model;
using Coriolis.Aws.Emulator.Tests.Hosting;

namespace Coriolis.Aws.Emulator.Tests.Ec2.Tags;

internal sealed class TagTests
{
    [Test]
    public async Task Tags_CreatedAndDeleted_AreListedAndGone()
    {
        await using var emulator = await TestEmulator.StartAsync();
        var volume = await emulator.CreateVolumeAsync();

        await emulator.Ec2.CreateTagsAsync(new CreateTagsRequest { Resources = [volume.VolumeId], Tags = [new Tag("a", "1"), new Tag("b", "2")] });
        await emulator.Ec2.DeleteTagsAsync(new DeleteTagsRequest { Resources = [volume.VolumeId], Tags = [new Tag("a", "other"), new Tag("b", "2")] });

        var tags = await emulator.Ec2.DescribeTagsAsync(new DescribeTagsRequest { Filters = [new Filter("resource-type", ["volume"])] });
        Assert.That(tags.Tags.Select(static tag => $"{tag.ResourceId} {tag.Key}={tag.Value}"), Is.EqualTo(new[] { $"{volume.VolumeId} a=1" }));
    }

    [Test]
    public async Task DescribeTags_ByKeyAndValue_FindsTheTagsThatHaveBoth()
    {
        await using var emulator = await TestEmulator.StartAsync();
        var ours = await emulator.CreateVolumeAsync();
        var theirs = await emulator.CreateVolumeAsync();
        await emulator.Ec2.CreateTagsAsync(new CreateTagsRequest { Resources = [ours.VolumeId], Tags = [new Tag("owner", "us"), new Tag("other", "us")] });
        await emulator.Ec2.CreateTagsAsync(new CreateTagsRequest { Resources = [theirs.VolumeId], Tags = [new Tag("owner", "them")] });

        var tags = await emulator.Ec2.DescribeTagsAsync(new DescribeTagsRequest { Filters = [new Filter("tag:owner", ["us"])] });

        Assert.That(tags.Tags.Select(static tag => $"{tag.ResourceId} {tag.Key}={tag.Value}"), Is.EqualTo(new[] { $"{ours.VolumeId} owner=us" }));
    }

    [TestCase("aws:reserved", "x")]
    [TestCase("", "x")]
    [TestCase("dup", "dup")]
    public async Task CreateVolume_WithTagsThatCannotBe_MakesNothing(string first, string second)
    {
        await using var emulator = await TestEmulator.StartAsync();

        var code = await TestEmulator.ErrorCodeAsync(() => emulator.CreateVolumeAsync(1, request =>
            request.TagSpecifications = [new TagSpecification { ResourceType = "volume", Tags = [new Tag(first, "1"), new Tag(second, "2")] }]));

        Assert.Multiple(async () =>
        {
            Assert.That(code, Is.EqualTo("InvalidParameterValue"));
            Assert.That(await emulator.Emulator.Admin.GetResourcesAsync(TestEmulator.Region), Is.Empty);
        });
    }

    [Test]
    public async Task CreateVolume_WithTagsOfAnotherResourceType_IsRefused()
    {
        await using var emulator = await TestEmulator.StartAsync();

        var code = await TestEmulator.ErrorCodeAsync(() => emulator.CreateVolumeAsync(1, static request =>
            request.TagSpecifications = [new TagSpecification { ResourceType = "snapshot", Tags = [new Tag("a", "1")] }]));

        Assert.That(code, Is.EqualTo("InvalidParameterValue"));
    }
}
