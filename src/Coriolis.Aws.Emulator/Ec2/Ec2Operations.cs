using System.Diagnostics.CodeAnalysis;
using Coriolis.Aws.Emulator.Ec2.Encryption;
using Coriolis.Aws.Emulator.Ec2.Images;
using Coriolis.Aws.Emulator.Ec2.Instances;
using Coriolis.Aws.Emulator.Ec2.InstanceTypes;
using Coriolis.Aws.Emulator.Ec2.KeyPairs;
using Coriolis.Aws.Emulator.Ec2.Networking;
using Coriolis.Aws.Emulator.Ec2.Regions;
using Coriolis.Aws.Emulator.Ec2.SecurityGroups;
using Coriolis.Aws.Emulator.Ec2.Snapshots;
using Coriolis.Aws.Emulator.Ec2.Tags;
using Coriolis.Aws.Emulator.Ec2.Volumes;
using Coriolis.Aws.Emulator.State;
using Coriolis.Aws.Emulator.Storage;
using Coriolis.Aws.Emulator.Workers;
using static Coriolis.Aws.Emulator.Ec2.Ec2Operation;

namespace Coriolis.Aws.Emulator.Ec2;

/// <summary>The operations that the emulator answers, each with the parameters that its model names.</summary>
internal sealed class Ec2Operations
{
    private readonly Dictionary<string, Ec2Operation> _operations;

    public Ec2Operations(AwsEmulatorOptions options, RegionSet regions, BlockStore blocks, VolumeFactory factory, WorkerHost workers)
    {
        var launch = new LaunchOperations(options, factory);
        var power = new PowerOperations(options.Delays);
        var console = new ConsoleOperations(workers);
        var volumes = new VolumeOperations(factory, options.Delays);
        var modifications = new ModificationOperations(options.Delays, blocks);
        var copies = new CopyOperations(factory);
        var attachments = new AttachmentOperations(options.Delays, options.Faults);
        var snapshots = new SnapshotOperations(new SnapshotCreator(options, blocks));
        var snapshotCopies = new SnapshotCopying(options, regions, blocks);
        var snapshotDeletion = new SnapshotDeletion(blocks);
        var images = new ImageOperations(blocks);
        var locations = new RegionListing(regions);
        _operations = new(StringComparer.Ordinal)
        {
            ["RunInstances"] = Write(
                "AdditionalInfo BlockDeviceMapping CapacityReservationSpecification ClientToken CpuOptions CreditSpecification "
                + "DisableApiStop DisableApiTermination EbsOptimized ElasticGpuSpecification ElasticInferenceAccelerator "
                + "EnablePrimaryIpv6 EnclaveOptions HibernationOptions IamInstanceProfile ImageId InstanceInitiatedShutdownBehavior "
                + "InstanceMarketOptions InstanceType Ipv6Address Ipv6AddressCount KernelId KeyName LaunchTemplate "
                + "LicenseSpecification MaintenanceOptions MaxCount MetadataOptions MinCount Monitoring NetworkInterface "
                + "NetworkPerformanceOptions Operator Placement PrivateDnsNameOptions PrivateIpAddress RamdiskId SecondaryInterface "
                + "SecurityGroup SecurityGroupId SubnetId TagSpecification UserData",
                launch.RunAsync),
            ["DescribeInstances"] = Read("Filter IncludeManagedResources InstanceId MaxResults NextToken", InstanceListing.Describe),
            ["DescribeInstanceStatus"] = Read(
                "Filter IncludeAllInstances IncludeManagedResources InstanceId MaxResults NextToken", StatusListing.Describe),
            ["StartInstances"] = Write("AdditionalInfo InstanceId", power.Start),
            ["RebootInstances"] = Write("InstanceId", PowerOperations.Reboot),
            ["StopInstances"] = Write("Force Hibernate InstanceId SkipOsShutdown", power.Stop),
            ["TerminateInstances"] = Write("Force InstanceId SkipOsShutdown", power.Terminate),
            ["DescribeInstanceAttribute"] = Read("Attribute InstanceId", AttributeOperations.Describe),
            ["ModifyInstanceAttribute"] = Write(
                "Attribute BlockDeviceMapping DisableApiStop DisableApiTermination EbsOptimized EnaSupport EnclaveOptions GroupId "
                + "InstanceId InstanceInitiatedShutdownBehavior InstanceType Kernel Ramdisk SourceDestCheck SriovNetSupport "
                + "UserData Value",
                AttributeOperations.Modify),
            ["ModifyInstanceMetadataOptions"] = Write(
                "HttpEndpoint HttpProtocolIpv6 HttpPutResponseHopLimit HttpTokens InstanceId InstanceMetadataTags", MetadataOperations.Modify),
            ["GetConsoleOutput"] = Read("InstanceId Latest", console.GetOutput),
            ["DescribeInstanceTypes"] = Read("Filter IncludeUnsupportedInRegion InstanceType MaxResults NextToken", TypeListing.Describe),
            ["DescribeInstanceTypeOfferings"] = Read("Filter LocationType MaxResults NextToken", TypeListing.DescribeOfferings),

            ["CreateVolume"] = Write(
                "AvailabilityZone AvailabilityZoneId ClientToken Encrypted Iops KmsKeyId MultiAttachEnabled Operator OutpostArn "
                + "Size SnapshotId TagSpecification Throughput VolumeInitializationRate VolumeType",
                volumes.CreateAsync),
            ["CopyVolumes"] = Write(
                "ClientToken Iops MultiAttachEnabled Size SourceVolumeId TagSpecification Throughput VolumeType", copies.CopyAsync),
            ["DescribeVolumes"] = Read("Filter IncludeManagedResources MaxResults NextToken VolumeId", VolumeOperations.Describe),
            ["DescribeVolumeStatus"] = Read("Filter IncludeManagedResources MaxResults NextToken VolumeId", VolumeStatusListing.Describe),
            ["AttachVolume"] = Write("Device EbsCardIndex InstanceId VolumeId", attachments.Attach),
            ["DetachVolume"] = Write("Device Force InstanceId VolumeId", attachments.Detach),
            ["ModifyVolume"] = Write("Iops MultiAttachEnabled Size Throughput VolumeId VolumeType", modifications.ModifyAsync),
            ["DescribeVolumesModifications"] = Read("Filter MaxResults NextToken VolumeId", ModificationListing.Describe),
            ["DescribeVolumeAttribute"] = Read("Attribute VolumeId", VolumeAttributes.Describe),
            ["DeleteVolume"] = Write("VolumeId", volumes.Delete),
            ["GetEbsEncryptionByDefault"] = Read("", EncryptionOperations.GetByDefault),
            ["EnableEbsEncryptionByDefault"] = Write("", EncryptionOperations.EnableByDefault),
            ["DisableEbsEncryptionByDefault"] = Write("", EncryptionOperations.DisableByDefault),
            ["GetEbsDefaultKmsKeyId"] = Read("", EncryptionOperations.GetDefaultKey),
            ["ModifyEbsDefaultKmsKeyId"] = Write("KmsKeyId", EncryptionOperations.ModifyDefaultKey),
            ["ResetEbsDefaultKmsKeyId"] = Write("", EncryptionOperations.ResetDefaultKey),

            ["CreateSnapshot"] = Write("Description Location OutpostArn TagSpecification VolumeId", snapshots.CreateAsync),
            ["CreateSnapshots"] = Write(
                "CopyTagsFromSource Description InstanceSpecification Location OutpostArn TagSpecification", snapshots.CreateSetAsync),
            ["DescribeSnapshots"] = Read("Filter MaxResults NextToken Owner RestorableBy SnapshotId", SnapshotListing.Describe),
            ["CopySnapshot"] = Write(
                "CompletionDurationMinutes Description DestinationAvailabilityZone DestinationOutpostArn DestinationRegion "
                + "Encrypted KmsKeyId PresignedUrl SourceRegion SourceSnapshotId TagSpecification",
                snapshotCopies.CopyAsync),
            ["DeleteSnapshot"] = Write("SnapshotId", snapshotDeletion.DeleteAsync),
            ["DescribeSnapshotAttribute"] = Read("Attribute SnapshotId", SnapshotAttributes.Describe),
            ["ModifySnapshotAttribute"] = Write(
                "Attribute CreateVolumePermission OperationType SnapshotId UserGroup UserId", SnapshotAttributes.Modify),

            ["DescribeImages"] = Read(
                "ExecutableBy Filter ImageId IncludeDeprecated IncludeDisabled MaxResults NextToken Owner", ImageListing.Describe),
            ["RegisterImage"] = Write(
                "Architecture BillingProduct BlockDeviceMapping BootMode Description EnaSupport ImageLocation ImdsSupport "
                + "KernelId Name RamdiskId RootDeviceName SriovNetSupport TagSpecification TpmSupport UefiData VirtualizationType",
                ImageOperations.Register),
            ["DeregisterImage"] = Write("DeleteAssociatedSnapshots ImageId", images.DeregisterAsync),

            ["ImportKeyPair"] = Write("KeyName PublicKeyMaterial TagSpecification", KeyPairOperations.Import),
            ["CreateKeyPair"] = Write("KeyFormat KeyName KeyType TagSpecification", KeyPairOperations.Create),
            ["DescribeKeyPairs"] = Read("Filter IncludePublicKey KeyName KeyPairId", KeyPairOperations.Describe),
            ["DeleteKeyPair"] = Write("KeyName KeyPairId", KeyPairOperations.Delete),

            ["CreateSecurityGroup"] = Write("GroupDescription GroupName TagSpecification VpcId", GroupOperations.Create),
            ["DescribeSecurityGroups"] = Read("Filter GroupId GroupName MaxResults NextToken", GroupOperations.Describe),
            ["DescribeSecurityGroupRules"] = Read("Filter MaxResults NextToken SecurityGroupRuleId", RuleListing.Describe),
            ["DeleteSecurityGroup"] = Write("GroupId GroupName", GroupOperations.Delete),
            ["AuthorizeSecurityGroupIngress"] = Write(
                "CidrIp FromPort GroupId GroupName IpPermissions IpProtocol SourceSecurityGroupName SourceSecurityGroupOwnerId "
                + "TagSpecification ToPort",
                RuleOperations.AuthorizeIngress),
            ["AuthorizeSecurityGroupEgress"] = Write(
                "CidrIp FromPort GroupId IpPermissions IpProtocol SourceSecurityGroupName SourceSecurityGroupOwnerId "
                + "TagSpecification ToPort",
                RuleOperations.AuthorizeEgress),
            ["RevokeSecurityGroupIngress"] = Write(
                "CidrIp FromPort GroupId GroupName IpPermissions IpProtocol SecurityGroupRuleId SourceSecurityGroupName "
                + "SourceSecurityGroupOwnerId ToPort",
                RuleOperations.RevokeIngress),
            ["RevokeSecurityGroupEgress"] = Write(
                "CidrIp FromPort GroupId IpPermissions IpProtocol SecurityGroupRuleId SourceSecurityGroupName "
                + "SourceSecurityGroupOwnerId ToPort",
                RuleOperations.RevokeEgress),

            ["DescribeVpcs"] = Read("Filter MaxResults NextToken VpcId", NetworkListing.DescribeVpcs),
            ["DescribeSubnets"] = Read("Filter MaxResults NextToken SubnetId", NetworkListing.DescribeSubnets),
            ["DescribeNetworkInterfaces"] = Read(
                "Filter IncludeManagedResources MaxResults NetworkInterfaceId NextToken", NetworkListing.DescribeInterfaces),
            ["DescribeAddresses"] = Read("AllocationId Filter PublicIp", NetworkListing.DescribeAddresses),
            ["DescribeRegions"] = Read("AllRegions Filter RegionName", locations.DescribeRegions),
            ["DescribeAvailabilityZones"] = Read("AllAvailabilityZones Filter ZoneId ZoneName", RegionListing.DescribeZones),

            ["CreateTags"] = Write("ResourceId Tag", TagOperations.Create),
            ["DeleteTags"] = Write("ResourceId Tag", TagOperations.Delete),
            ["DescribeTags"] = Read("Filter MaxResults NextToken", TagOperations.Describe),
        };
    }

    public bool TryGet(string name, [NotNullWhen(true)] out Ec2Operation? operation) => _operations.TryGetValue(name, out operation);
}
