using Amazon.EC2;
using Amazon.EC2.Model;
using Coriolis.Providers.Aws.Tests.Support;
using Coriolis.Providers.Aws.Workers;
using NSubstitute;

namespace Coriolis.Providers.Aws.Tests.Workers;

/// <summary>The image for workers that morph Windows. The emulator has no Windows images, so the answers of EC2 are made up.</summary>
public sealed class WorkerImagesTests
{
    private const string Id = "ami-0000000000000000a";
    private const string GuestImage = "ami-0000000000000000b";
    private const string Windows2019 = "Windows_Server-2019-English-Full-Base-2026.07.15";

    [TestCase("Windows_Server-2016-English-Full-Base-2026.07.15", Windows2019, "it has Windows Server 2016, which is older than the Windows Server 2019 of i-1")]
    [TestCase("Windows_Server-2012-English-64Bit-Base-2026.07.15", "Windows_Server-2012-R2_RTM-English-64Bit-Base-2026.07.15", "older than the Windows Server 2012 R2")]
    public void CheckWindowsAsync_ImageOlderThanTheGuest_IsRefused(string image, string guest, string says)
    {
        var error = Assert.ThrowsAsync<SourceException>(() => CheckAsync(Image(Id, image), Image(GuestImage, guest)));

        Assert.That(error!.Problem, Does.Contain(Id).And.Contain(says));
        Assert.That(error.Remedy, Does.Contain("migr_image_map.windows"));
        Assert.That(error.ResourceId, Is.EqualTo(Id));
    }

    [TestCase(Windows2019, Windows2019)]
    [TestCase("Windows_Server-2022-English-Full-Base-2026.07.15", Windows2019)]
    [TestCase("Windows_Server-2012-R2_RTM-English-64Bit-Base-2026.07.15", "Windows_Server-2012-English-64Bit-Base-2026.07.15")]
    [TestCase("golden", Windows2019)]
    [TestCase("Windows_Server-2016-English-Full-Base-2026.07.15", "golden")]
    public void CheckWindowsAsync_ImageAsNewAsTheGuestOrOfUnknownVersion_IsTaken(string image, string guest) =>
        Assert.That(() => CheckAsync(Image(Id, image), Image(GuestImage, guest)), Throws.Nothing);

    [Test]
    public void CheckWindowsAsync_GuestWhoseImageIsGone_IsTaken() => Assert.That(() => CheckAsync(Image(Id, Windows2019)), Throws.Nothing);

    [Test]
    public void CheckWindowsAsync_VersionInTheDescription_Counts()
    {
        var image = Image(Id, "golden");
        image.Description = "Microsoft Windows Server 2016 with our agents";

        var error = Assert.ThrowsAsync<SourceException>(() => CheckAsync(image, Image(GuestImage, Windows2019)));

        Assert.That(error!.Problem, Does.Contain("Windows Server 2016"));
    }

    [Test]
    public void CheckWindowsAsync_LinuxImage_IsRefused()
    {
        var image = Image(Id, "ubuntu");
        image.Platform = null;

        var error = Assert.ThrowsAsync<SourceException>(() => CheckAsync(image));

        Assert.That(error!.Problem, Does.Contain("not a Windows image"));
    }

    [Test]
    public void CheckWindowsAsync_ImageThatDoesNotExist_IsRefused()
    {
        var error = Assert.ThrowsAsync<SourceException>(() => CheckAsync());

        Assert.That(error!.Problem, Does.Contain(Id).And.Contain("does not exist"));
        Assert.That(error.Remedy, Does.Contain("migr_image_map.windows"));
    }

    [Test]
    public async Task CheckWindowsAsync_LinuxGuest_AsksForNothing()
    {
        await using var account = await TestAccount.StartAsync();
        var source = await SourceAsync(account) with { OsType = OsType.Linux };
        var ec2 = Substitute.For<IAmazonEC2>();

        await CreateImages(ec2).CheckWindowsAsync(source, CancellationToken.None);

        Assert.That(ec2.ReceivedCalls(), Is.Empty);
    }

    private static async Task CheckAsync(params Image[] images)
    {
        await using var account = await TestAccount.StartAsync();
        var source = await SourceAsync(account) with { Id = "i-1", OsType = OsType.Windows, ImageId = GuestImage };
        var ec2 = Substitute.For<IAmazonEC2>();
        ec2.DescribeImagesAsync(Arg.Any<DescribeImagesRequest>(), Arg.Any<CancellationToken>()).Returns(call =>
        {
            var request = call.Arg<DescribeImagesRequest>();
            List<string> ids = [.. request.ImageIds ?? [], .. (request.Filters ?? []).SelectMany(static filter => filter.Values)];
            return new DescribeImagesResponse { Images = [.. images.Where(image => ids.Contains(image.ImageId))] };
        });
        await CreateImages(ec2).CheckWindowsAsync(source, CancellationToken.None);
    }

    private static async Task<SourceInstance> SourceAsync(TestAccount account)
    {
        var seeded = await account.Emulator.Admin.CreateInstanceAsync(TestAccount.Region, new() { Volumes = [new() { SizeGiB = 1 }] });
        return await account.Provider.GetInstanceAsync(seeded.InstanceId);
    }

    private static WorkerImages CreateImages(IAmazonEC2 ec2)
    {
        return new WorkerImages(ec2, TestGateway.Create(new JumpingClock()), new AwsSourceOptions { MigrImageMap = { ["Windows"] = Id } });
    }

    private static Image Image(string id, string name) => new()
    {
        ImageId = id,
        Name = name,
        State = ImageState.Available,
        Platform = PlatformValues.Windows,
        Architecture = ArchitectureValues.X86_64,
    };
}
