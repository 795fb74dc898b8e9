using Coriolis.Aws.Emulator.Ec2.Instances;
using Coriolis.Aws.Emulator.Ec2.Volumes;
using static Coriolis.Aws.Emulator.Ec2.Protocol.ResourceKind;

namespace Coriolis.Aws.Emulator.Ec2.Authorization;

/// <summary>What RunInstances must be allowed: the image, the network, the key pair, and everything that is made.</summary>
internal static class LaunchAccess
{
    public static void Collect(AccessRequests requests)
    {
        var call = requests.Call;
        var parameters = call.Parameters;
        requests.Named(Image, "ImageId");
        if (!call.State.Images.TryGetValue(parameters.Text("ImageId") ?? "", out var image)) return;
        requests.Created(Instance, keys => keys
            .Add("ec2:InstanceType", parameters.Text("InstanceType") ?? LaunchOperations.DefaultInstanceType)
            .Add("ec2:InstanceMarketType", parameters.Text("InstanceMarketOptions.MarketType") ?? "on-demand")
            .Add("ec2:InstanceProfile", parameters.Text("IamInstanceProfile.Arn"))
            .Add("ec2:MetadataHttpEndpoint", parameters.Text("MetadataOptions.HttpEndpoint"))
            .Add("ec2:MetadataHttpPutResponseHopLimit", parameters.Text("MetadataOptions.HttpPutResponseHopLimit"))
            .Add("ec2:MetadataHttpTokens", parameters.Text("MetadataOptions.HttpTokens"))
            .Add("ec2:RootDeviceType", "ebs")
            .Add("ec2:Tenancy", "default"));
        var nics = LaunchNics.Read(call);
        foreach (var nic in nics)
        {
            requests.Existing(Subnet, nic.Subnet.Id);
            requests.Created(NetworkInterface, keys => keys
                .Add("ec2:AssociatePublicIpAddress", nic.PublicIp)
                .Add("ec2:Subnet", call.Region.Arn("ec2", $"subnet/{nic.Subnet.Id}"))
                .Add("ec2:Vpc", call.Region.Arn("ec2", $"vpc/{nic.Subnet.VpcId}")));
        }

        foreach (var groupId in nics.SelectMany(static nic => nic.GroupIds).Distinct())
        {
            requests.Existing(SecurityGroup, groupId);
        }

        CollectVolumes(requests, LaunchDevices.Read(call, image, nics[0].Subnet.AvailabilityZone, State.TagSet.Empty));
        var pair = call.State.KeyPairs.Values.FirstOrDefault(pair => pair.Name == parameters.Text("KeyName"));
        if (pair is not null) requests.Existing(KeyPair, pair.Id);
    }

    private static void CollectVolumes(AccessRequests requests, IReadOnlyList<LaunchDevices.Device> devices)
    {
        var call = requests.Call;
        foreach (var volume in devices.Select(static device => device.Volume))
        {
            requests.Created(Volume, keys => ResourceKeys.AddVolume(
                    keys,
                    call.Region,
                    volume.VolumeType ?? VolumeTypes.Default,
                    volume.SizeGiB,
                    volume.Encrypted ?? call.State.EncryptionByDefault,
                    volume.SnapshotId)
                .Add("ec2:AvailabilityZone", volume.AvailabilityZone));
        }

        foreach (var mapping in call.Parameters.Structures("BlockDeviceMapping"))
        {
            if (mapping.Text("Ebs.SnapshotId") is { } snapshotId) requests.Existing(Snapshot, snapshotId);
        }
    }
}
