using Amazon.EC2;
using Amazon.EC2.Model;
using Coriolis.Providers.Aws.Tests.Support;
using Coriolis.Providers.Aws.Workers;
using NSubstitute;

namespace Coriolis.Providers.Aws.Tests.Workers;

/// <summary>The image that disks are read through. The answers of EC2 are made up.</summary>
public sealed class WorkerImageChoiceTests
{
    private const string Id = "ami-0000000000000000a";

    private static readonly InstanceTypeInfo s_type = new()
    {
        InstanceType = InstanceType.T2Medium,
        ProcessorInfo = new ProcessorInfo { SupportedArchitectures = ["i386", "x86_64"] },
        SupportedBootModes = ["legacy-bios"],
    };

    [Test]
    public async Task ChooseAsync_ConfiguredImageThatFits_IsTaken() => Assert.That((await ChooseAsync(Fitting())).ImageId, Is.EqualTo(Id));

    [TestCase("State", "it is failed")]
    [TestCase("VirtualizationType", "it is not an HVM image")]
    [TestCase("Platform", "it is a Windows image")]
    [TestCase("Architecture", "it is for arm64, and t2.medium is not")]
    [TestCase("BootMode", "it boots by uefi only, and t2.medium does not")]
    [TestCase("BlockDeviceMappings", "it has more than one disk")]
    [TestCase("ProductCodes", "it is a Marketplace product")]
    public void ChooseAsync_ConfiguredImageThatDoesNotFit_IsRefused(string property, string says)
    {
        var image = Fitting();
        switch (property)
        {
            case "State": image.State = ImageState.Failed; break;
            case "VirtualizationType": image.VirtualizationType = VirtualizationType.Paravirtual; break;
            case "Platform": image.Platform = PlatformValues.Windows; break;
            case "Architecture": image.Architecture = ArchitectureValues.Arm64; break;
            case "BootMode": image.BootMode = BootModeValues.Uefi; break;
            case "BlockDeviceMappings": image.BlockDeviceMappings.Add(new BlockDeviceMapping { DeviceName = "/dev/sdb", Ebs = new EbsBlockDevice() }); break;
            case "ProductCodes": image.ProductCodes = [new ProductCode { ProductCodeId = "code" }]; break;
            default: throw new ArgumentOutOfRangeException(nameof(property));
        }

        var error = Assert.ThrowsAsync<SourceException>(() => ChooseAsync(image));

        Assert.That(error!.Problem, Does.Contain(Id).And.Contain(says));
        Assert.That(error.Remedy, Does.Contain("migr_image_map.linux"));
        Assert.That(error.ResourceId, Is.EqualTo(Id));
    }

    [Test]
    public void NewestLongTerm_OfManyImages_IsTheLatestVersionAndOfThatTheNewest()
    {
        string[] names =
        [
            "ubuntu/images/hvm-ssd/ubuntu-jammy-22.04-amd64-server-20260701",
            "ubuntu/images/hvm-ssd-gp3/ubuntu-noble-24.04-amd64-server-20260101",
            "ubuntu/images/hvm-ssd-gp3/ubuntu-noble-24.04-amd64-server-20260301",
            "ubuntu/images/hvm-ssd-gp3/ubuntu-noble-24.04-amd64-server-20260201",
            "ubuntu/images/hvm-ssd-gp3/ubuntu-plucky-25.04-amd64-server-20260801",
            "ubuntu/images/hvm-ssd-gp3/ubuntu-oracular-24.10-amd64-server-20260801",
        ];

        var newest = WorkerImages.NewestLongTerm(names.Select(static name => new Image
        {
            Name = name,
            Architecture = ArchitectureValues.X86_64,
            CreationDate = $"{name[^8..^4]}-{name[^4..^2]}-{name[^2..]}T00:00:00.000Z",
        }));

        Assert.That(newest.Select(static image => image.Name), Is.EqualTo(new[] { names[2], names[0] }));
    }

    private static async Task<Image> ChooseAsync(Image image)
    {
        var ec2 = Substitute.For<IAmazonEC2>();
        ec2.DescribeImagesAsync(Arg.Any<DescribeImagesRequest>(), Arg.Any<CancellationToken>()).Returns(new DescribeImagesResponse { Images = [image] });
        var images = new WorkerImages(ec2, TestGateway.Create(new JumpingClock()), new AwsSourceOptions { MigrImageMap = { ["linux"] = Id } });
        return await images.ChooseAsync(s_type, CancellationToken.None);
    }

    private static Image Fitting() => new()
    {
        ImageId = Id,
        State = ImageState.Available,
        VirtualizationType = VirtualizationType.Hvm,
        Architecture = ArchitectureValues.X86_64,
        BlockDeviceMappings = [new BlockDeviceMapping { DeviceName = "/dev/sda1", Ebs = new EbsBlockDevice() }],
    };
}
