using Coriolis.Aws.Emulator.Ec2.Images;
using Coriolis.Aws.Emulator.State;

namespace Coriolis.Aws.Emulator.Ec2.Networking;

/// <summary>Gives a new region what a new account finds in it: the default VPC, its subnets and security group, and images.</summary>
internal static class RegionFurnishing
{
    public const string DefaultGroupName = "default";

    public static void Apply(Region region, AwsEmulatorOptions options)
    {
        var state = region.State;
        if (state.Vpcs.IsEmpty)
        {
            AddNetwork(region, options.DefaultVpc);
            BuiltInImages.Add(region, options.TimeProvider.GetUtcNow());
        }

        state.EncryptionByDefault |= options.EncryptionByDefault;
        // The files behind these may have moved since the last start: the options are the truth.
        foreach (var (id, image) in state.Images)
        {
            if (image.RootFile is not null) state.Images.TryRemove(id, out _);
        }

        foreach (var (id, file) in options.Images)
        {
            state.Images[id] = BuiltInImages.FromFile(region, id, file, options.TimeProvider.GetUtcNow());
        }
    }

    private static void AddNetwork(Region region, bool isDefault)
    {
        var (vpcId, vpcSequence) = region.NextId("vpc");
        region.State.Vpcs[vpcId] = new VpcRecord { Id = vpcId, Sequence = vpcSequence, CidrBlock = "172.31.0.0/16", IsDefault = isDefault };
        var zones = ZoneNames.Of(region.Name);
        for (var i = 0; i < zones.Count; i++)
        {
            var (id, sequence) = region.NextId("subnet");
            region.State.Subnets[id] = new SubnetRecord
            {
                Id = id,
                Sequence = sequence,
                VpcId = vpcId,
                AvailabilityZone = zones[i],
                CidrBlock = $"172.31.{i * 16}.0/20",
                IsDefault = isDefault,
            };
        }

        var (groupId, groupSequence) = region.NextId("sg");
        region.State.SecurityGroups[groupId] = new SecurityGroupRecord
        {
            Id = groupId,
            Sequence = groupSequence,
            Name = DefaultGroupName,
            Description = "default VPC security group",
            VpcId = vpcId,
            Rules =
            [
                new SecurityRule { Id = region.NextId("sgr").Id, Egress = false, Protocol = "-1", PeerGroupId = groupId },
                new SecurityRule { Id = region.NextId("sgr").Id, Egress = true, Protocol = "-1", CidrIpv4 = "0.0.0.0/0" },
            ],
        };
    }
}
