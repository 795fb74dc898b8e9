namespace Coriolis.Aws.Emulator.Ec2.InstanceTypes;

/// <summary>One instance type.</summary>
internal sealed record InstanceTypeSpec(InstanceFamily Family, string Name, int VCpus, int MemoryMiB)
{
    /// <summary>The disks that come with an instance of this type.</summary>
    public int StoreDisks { get; init; }

    public int StoreDiskGB { get; init; }

    /// <summary>EBS volumes that may be attached.</summary>
    public int MaxVolumes => Family.Nitro ? 27 : 39;
}
