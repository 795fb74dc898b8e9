using Coriolis.Aws.Emulator.Ec2.Instances;
using Coriolis.Aws.Emulator.Ec2.Networking;
using Coriolis.Aws.Emulator.Ec2.Volumes;
using Coriolis.Aws.Emulator.State;

namespace Coriolis.Aws.Emulator.Admin;

/// <summary>Makes seeded instances with their volumes and network interfaces.</summary>
internal sealed class InstanceSeeder(VolumeFactory volumes, TimeProvider timeProvider)
{
    public async Task<SeededInstance> CreateAsync(Region region, InstanceSeed seed, CancellationToken cancellationToken)
    {
        var now = timeProvider.GetUtcNow();
        _ = InstanceStates.CodeOf(seed.State);
        var subnet = SubnetChoice.Any(region, seed.AvailabilityZone);
        var plans = seed.Volumes.Select(volume => volumes.Plan(region, Request(volume, subnet.AvailabilityZone), now, caller: null)).ToList();
        var addresses = AddressPool.TakePrivateIps(region, [.. Enumerable.Repeat((subnet, (string?)null), seed.NetworkInterfaces)]);
        var (id, sequence) = region.NextId("i");
        for (var index = 0; index < plans.Count; index++)
        {
            var attached = Attach(plans[index].Record, seed, index, id, now);
            await volumes.CreateAsync(region, plans[index] with { Record = attached }, cancellationToken).ConfigureAwait(false);
        }

        for (var index = 0; index < addresses.Count; index++)
        {
            AddNic(region, subnet, addresses[index], id, index, now);
        }

        region.State.Instances[id] = NewInstance(region, seed, subnet, id, sequence, addresses[0], now);
        return new SeededInstance(id, [.. plans.Select(static plan => plan.Record.Id)]);
    }

    private static NewVolume Request(VolumeSeed seed, string zone) => new()
    {
        AvailabilityZone = zone,
        SizeGiB = seed.SizeGiB,
        VolumeType = seed.VolumeType,
        Iops = seed.Iops,
        Encrypted = seed.Encrypted,
        KmsKeyId = seed.KmsKeyId,
        MultiAttach = seed.MultiAttach,
        ProductCodes = seed.ProductCodes,
        Tags = seed.Tags,
        File = seed.SourceFile,
        Synthetic = seed.Synthetic,
    };

    private static VolumeRecord Attach(VolumeRecord volume, InstanceSeed seed, int index, string instanceId, DateTimeOffset now) => volume with
    {
        State = "in-use",
        Next = null,
        Attachments =
        [
            new VolumeAttachment
            {
                InstanceId = instanceId,
                Device = seed.Volumes[index].DeviceName ?? (index == 0 && seed.RootDeviceType == "ebs" ? seed.RootDeviceName : $"/dev/sd{(char)('e' + index)}"),
                State = "attached",
                AttachTime = now,
                DeleteOnTermination = seed.Volumes[index].DeleteOnTermination,
            },
        ],
    };

    private static void AddNic(Region region, SubnetRecord subnet, string address, string instanceId, int index, DateTimeOffset now)
    {
        var (id, sequence) = region.NextId("eni");
        region.State.NetworkInterfaces[id] = new NetworkInterfaceRecord
        {
            Id = id,
            Sequence = sequence,
            SubnetId = subnet.Id,
            VpcId = subnet.VpcId,
            AvailabilityZone = subnet.AvailabilityZone,
            MacAddress = AddressPool.NextMac(region),
            PrivateIp = address,
            GroupIds = SubnetChoice.FindGroups(region, [], []),
            InstanceId = instanceId,
            AttachmentId = region.NextId("eni-attach").Id,
            DeviceIndex = index,
            AttachTime = now,
        };
    }

    private static InstanceRecord NewInstance(
        Region region, InstanceSeed seed, SubnetRecord subnet, string id, long sequence, string privateIp, DateTimeOffset now)
    {
        var tags = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (key, value) in seed.Tags)
        {
            tags[key] = value;
        }

        if (seed.Name is not null) tags["Name"] = seed.Name;
        return new InstanceRecord
        {
            Id = id,
            Sequence = sequence,
            Tags = tags,
            ReservationId = region.NextId("r").Id,
            ImageId = region.NextId("ami").Id,
            InstanceType = seed.InstanceType,
            State = seed.State,
            TerminatedAt = seed.State == InstanceStates.Terminated ? now : null,
            LaunchTime = now,
            AvailabilityZone = subnet.AvailabilityZone,
            SubnetId = subnet.Id,
            VpcId = subnet.VpcId,
            PrivateIp = privateIp,
            Architecture = seed.Architecture,
            VirtualizationType = seed.VirtualizationType,
            RootDeviceName = seed.RootDeviceName,
            RootDeviceType = seed.RootDeviceType,
            BootMode = seed.BootMode,
            Platform = seed.Platform,
            PlatformDetails = seed.PlatformDetails,
            ProductCodes = seed.ProductCodes,
            HibernationConfigured = seed.HibernationConfigured,
            Spot = seed.Spot,
        };
    }
}
