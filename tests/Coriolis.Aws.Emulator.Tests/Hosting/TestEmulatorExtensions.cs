using Amazon.EC2;
using Amazon.EC2.Model;

namespace Coriolis.Aws.Emulator.Tests.Hosting;

/// <summary>The calls that many tests begin with.</summary>
internal static class TestEmulatorExtensions
{
    public static async Task<string> FindImageAsync(this TestEmulator emulator)
    {
        var images = await emulator.Ec2.DescribeImagesAsync(new DescribeImagesRequest
        {
            Filters = [new Filter("name", ["ubuntu/images/*noble*amd64*"])],
        });
        return images.Images.Single().ImageId;
    }

    public static async Task<Instance> LaunchAsync(
        this TestEmulator emulator, int dataDisks = 0, string name = "web", Action<RunInstancesRequest>? configure = null)
    {
        var request = new RunInstancesRequest
        {
            ImageId = await emulator.FindImageAsync(),
            InstanceType = InstanceType.T3Micro,
            MinCount = 1,
            MaxCount = 1,
            BlockDeviceMappings =
            [
                .. Enumerable.Range(0, dataDisks).Select(static index => new BlockDeviceMapping
                {
                    DeviceName = $"/dev/sd{(char)('f' + index)}",
                    Ebs = new EbsBlockDevice { VolumeSize = 1, VolumeType = VolumeType.Gp3 },
                }),
            ],
            TagSpecifications = [new TagSpecification { ResourceType = ResourceType.Instance, Tags = [new Tag("Name", name)] }],
        };
        configure?.Invoke(request);
        var response = await emulator.Ec2.RunInstancesAsync(request);
        return response.Reservation.Instances[0];
    }

    public static async Task<Instance> DescribeAsync(this TestEmulator emulator, string instanceId)
    {
        var response = await emulator.Ec2.DescribeInstancesAsync(new DescribeInstancesRequest { InstanceIds = [instanceId] });
        return response.Reservations.Single().Instances.Single();
    }

    public static async Task<Volume> CreateVolumeAsync(this TestEmulator emulator, int sizeGiB = 1, Action<CreateVolumeRequest>? configure = null)
    {
        var request = new CreateVolumeRequest { AvailabilityZone = "eu-west-1a", Size = sizeGiB };
        configure?.Invoke(request);
        return (await emulator.Ec2.CreateVolumeAsync(request)).Volume;
    }

    public static Task AttachAsync(this TestEmulator emulator, string volumeId, string instanceId, string device = "/dev/sdf") =>
        emulator.Ec2.AttachVolumeAsync(new AttachVolumeRequest { VolumeId = volumeId, InstanceId = instanceId, Device = device });
}
