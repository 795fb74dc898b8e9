using System.Diagnostics.CodeAnalysis;
using Coriolis.Aws.Emulator.Ec2.Images;
using Coriolis.Aws.Emulator.Ec2.Instances;
using Coriolis.Aws.Emulator.Ec2.Snapshots;
using Coriolis.Aws.Emulator.Ec2.Volumes;
using Coriolis.Aws.Emulator.State;
using Coriolis.Aws.Emulator.Storage;
using static Coriolis.Aws.Emulator.Ec2.Ec2Operation;

namespace Coriolis.Aws.Emulator.Ec2;

/// <summary>The operations that the emulator answers, each with the parameters that its model names.</summary>
internal sealed class Ec2Operations
{
    private readonly Dictionary<string, Ec2Operation> _operations;

    public Ec2Operations(AwsEmulatorOptions options, RegionSet regions, BlockStore blocks)
    {
        var factory = new VolumeFactory(options, blocks);
        var volumes = new VolumeOperations(factory, options.Delays);
        var snapshots = new SnapshotOperations(new SnapshotCreator(options, blocks));
        var launch = new LaunchOperations(options, factory);
        var power = new PowerOperations(options.Delays);
        _ = regions;
        _operations = new(StringComparer.Ordinal)
        {
            ["RunInstances"] = Write(
                "AdditionalInfo BlockDeviceMapping CapacityReservationSpecification ClientToken CpuOptions CreditSpecification "
                + "DisableApiStop DisableApiTermination EbsOptimized ElasticGpuSpecification ElasticInferenceAccelerator EnablePrimaryIpv6 "
                + "EnclaveOptions HibernationOptions IamInstanceProfile ImageId InstanceInitiatedShutdownBehavior InstanceMarketOptions "
                + "InstanceType Ipv6Address Ipv6AddressCount KernelId KeyName LaunchTemplate LicenseSpecification MaintenanceOptions MaxCount "
                + "MetadataOptions MinCount Monitoring NetworkInterface NetworkPerformanceOptions Operator Placement PrivateDnsNameOptions "
                + "PrivateIpAddress RamdiskId SecondaryInterface SecurityGroup SecurityGroupId SubnetId TagSpecification UserData",
                launch.RunAsync),
            ["DescribeInstances"] = Read("Filter IncludeManagedResources InstanceId MaxResults NextToken", InstanceListing.Describe),
            ["StartInstances"] = Write("AdditionalInfo InstanceId", power.Start),
            ["StopInstances"] = Write("Force Hibernate InstanceId SkipOsShutdown", power.Stop),
            ["TerminateInstances"] = Write("Force InstanceId SkipOsShutdown", power.Terminate),

            ["DescribeImages"] = Read(
                "ExecutableBy Filter ImageId IncludeDeprecated IncludeDisabled MaxResults NextToken Owner", ImageListing.Describe),

            ["CreateVolume"] = Write(
                "AvailabilityZone AvailabilityZoneId ClientToken Encrypted Iops KmsKeyId MultiAttachEnabled Operator OutpostArn Size "
                + "SnapshotId TagSpecification Throughput VolumeInitializationRate VolumeType",
                volumes.CreateAsync),
            ["DescribeVolumes"] = Read("Filter IncludeManagedResources MaxResults NextToken VolumeId", VolumeOperations.Describe),
            ["DeleteVolume"] = Write("VolumeId", volumes.Delete),

            ["CreateSnapshot"] = Write("Description Location OutpostArn TagSpecification VolumeId", snapshots.CreateAsync),
            ["CreateSnapshots"] = Write(
                "CopyTagsFromSource Description InstanceSpecification Location OutpostArn TagSpecification", snapshots.CreateSetAsync),
            ["DescribeSnapshots"] = Read("Filter MaxResults NextToken Owner RestorableBy SnapshotId", SnapshotListing.Describe),
        };
    }

    public IEnumerable<string> Names => _operations.Keys;

    public bool TryGet(string name, [NotNullWhen(true)] out Ec2Operation? operation) => _operations.TryGetValue(name, out operation);
}
