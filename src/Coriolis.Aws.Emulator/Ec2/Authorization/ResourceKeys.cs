using System.Globalization;
using Coriolis.Aws.Emulator.Iam;
using Coriolis.Aws.Emulator.State;

namespace Coriolis.Aws.Emulator.Ec2.Authorization;

/// <summary>The condition keys that EC2 has for the resources of each type, by the service authorization reference.</summary>
internal static class ResourceKeys
{
    public static ContextKeys AddTo(ContextKeys keys, Region region, IResource resource)
    {
        keys.AddResourceTags(resource.Tags);
        return resource switch
        {
            InstanceRecord instance => keys
                .Add("ec2:AvailabilityZone", instance.AvailabilityZone)
                .Add("ec2:EbsOptimized", instance.EbsOptimized)
                .Add("ec2:InstanceID", instance.Id)
                .Add("ec2:InstanceMarketType", instance.Spot ? "spot" : "on-demand")
                .Add("ec2:InstanceProfile", instance.IamInstanceProfileArn)
                .Add("ec2:InstanceType", instance.InstanceType)
                .Add("ec2:MetadataHttpEndpoint", instance.Metadata.HttpEndpoint)
                .Add("ec2:MetadataHttpPutResponseHopLimit", Text(instance.Metadata.HopLimit))
                .Add("ec2:MetadataHttpTokens", instance.Metadata.HttpTokens)
                .Add("ec2:RootDeviceType", instance.RootDeviceType)
                .Add("ec2:Tenancy", "default"),
            VolumeRecord volume => AddVolume(keys, region, volume.VolumeType, volume.SizeGiB, volume.Encrypted, volume.SnapshotId)
                .Add("ec2:AvailabilityZone", volume.AvailabilityZone)
                .Add("ec2:KmsKeyId", volume.KmsKeyArn)
                .Add("ec2:VolumeID", volume.Id)
                .Add("ec2:VolumeIops", Text(volume.Iops))
                .Add("ec2:VolumeThroughput", Text(volume.Throughput)),
            SnapshotRecord snapshot => keys
                .Add("ec2:Encrypted", snapshot.Encrypted)
                .Add("ec2:Owner", snapshot.OwnerId)
                .Add("ec2:ParentVolume", region.Arn("ec2", $"volume/{snapshot.VolumeId}"))
                .Add("ec2:SnapshotID", snapshot.Id)
                .Add("ec2:SnapshotTime", snapshot.StartTime.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture))
                .Add("ec2:VolumeSize", Text(snapshot.VolumeSizeGiB)),
            ImageRecord image => keys
                .Add("ec2:ImageID", image.Id)
                .Add("ec2:ImageType", "machine")
                .Add("ec2:Owner", image.OwnerAlias ?? image.OwnerId)
                .Add("ec2:Public", image.Public)
                .Add("ec2:RootDeviceType", "ebs"),
            KeyPairRecord pair => keys.Add("ec2:KeyPairName", pair.Name).Add("ec2:KeyPairType", pair.KeyType),
            SecurityGroupRecord group => keys.Add("ec2:SecurityGroupID", group.Id).Add("ec2:Vpc", region.Arn("ec2", $"vpc/{group.VpcId}")),
            NetworkInterfaceRecord nic => keys
                .Add("ec2:AvailabilityZone", nic.AvailabilityZone)
                .Add("ec2:NetworkInterfaceID", nic.Id)
                .Add("ec2:Subnet", region.Arn("ec2", $"subnet/{nic.SubnetId}"))
                .Add("ec2:Vpc", region.Arn("ec2", $"vpc/{nic.VpcId}")),
            SubnetRecord subnet => keys
                .Add("ec2:AvailabilityZone", subnet.AvailabilityZone)
                .Add("ec2:SubnetID", subnet.Id)
                .Add("ec2:Vpc", region.Arn("ec2", $"vpc/{subnet.VpcId}")),
            VpcRecord vpc => keys.Add("ec2:Tenancy", "default").Add("ec2:VpcID", vpc.Id),
            _ => keys,
        };
    }

    /// <summary>The keys that volumes have before and after they are made.</summary>
    public static ContextKeys AddVolume(ContextKeys keys, Region region, string type, int? sizeGiB, bool encrypted, string? snapshotId) => keys
        .Add("ec2:Encrypted", encrypted)
        .Add("ec2:ParentSnapshot", snapshotId is null ? null : ResourceArn.Snapshot(region.Name, snapshotId))
        .Add("ec2:VolumeSize", Text(sizeGiB))
        .Add("ec2:VolumeType", type);

    private static string? Text(int? number) => number?.ToString(CultureInfo.InvariantCulture);
}
