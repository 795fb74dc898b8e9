using Coriolis.Aws.Emulator.Ec2.Protocol;

namespace Coriolis.Aws.Emulator.Ec2.Volumes;

/// <summary>The volume types and their bounds, from the EC2 model's documentation of CreateVolume.</summary>
internal static class VolumeTypes
{
    public const string Default = "gp2";

    // The EBS user guide, "Amazon EBS volume types": gp3 has 0.25 MiB/s for each provisioned IOPS.
    private const int Gp3IopsPerMiB = 4;

    private sealed record Bounds(int MinGiB, int MaxGiB, int MinIops = 0, int MaxIops = 0, int IopsPerGiB = 0);

    private static readonly Dictionary<string, Bounds> s_bounds = new(StringComparer.Ordinal)
    {
        ["gp2"] = new(1, 16_384),
        ["gp3"] = new(1, 65_536, 3000, 80_000, 500),
        ["io1"] = new(4, 16_384, 100, 64_000, 50),
        ["io2"] = new(4, 65_536, 100, 256_000, 1000),
        ["st1"] = new(125, 16_384),
        ["sc1"] = new(125, 16_384),
        ["standard"] = new(1, 1024),
    };

    public static bool Exists(string type) => s_bounds.ContainsKey(type);

    /// <summary>Checks size and performance and returns the performance that the volume gets.</summary>
    public static (int? Iops, int? Throughput) Check(string type, int sizeGiB, int? iops, int? throughput)
    {
        if (!s_bounds.TryGetValue(type, out var bounds))
        {
            throw Ec2Errors.Create("UnknownVolumeType", $"Unsupported volume type '{type}' for volume creation.");
        }

        if (sizeGiB < bounds.MinGiB)
        {
            throw Ec2Errors.InvalidValue($"Volume of {sizeGiB}GiB is too small for volume type {type}; minimum is {bounds.MinGiB}GiB.");
        }

        if (sizeGiB > bounds.MaxGiB)
        {
            throw Ec2Errors.InvalidValue($"Volume of {sizeGiB}GiB is too large for volume type {type}; maximum is {bounds.MaxGiB}GiB.");
        }

        if (throughput is not null && type != "gp3")
        {
            throw Ec2Errors.InvalidCombination($"The parameter Throughput is not supported for {type} volumes.");
        }

        if (throughput is < 125 or > 2000)
        {
            throw Ec2Errors.InvalidValue($"Throughput of {throughput} MiB/s is out of range for gp3; it must be from 125 to 2000.");
        }

        var provisioned = Iops(type, bounds, sizeGiB, iops);
        if (throughput * Gp3IopsPerMiB > provisioned)
        {
            throw Ec2Errors.InvalidValue($"Throughput of {throughput} MiB/s is too high for {provisioned} iops; the maximum is 0.25 MiB/s per iops.");
        }

        return (provisioned, type == "gp3" ? throughput ?? 125 : null);
    }

    /// <summary>Throws unless volumes of the type can be attached to several instances.</summary>
    public static void CheckMultiAttach(string type)
    {
        if (type is not ("io1" or "io2")) throw Ec2Errors.InvalidCombination($"Multi-Attach is not supported for {type} volumes; use io1 or io2.");
    }

    private static int? Iops(string type, Bounds bounds, int sizeGiB, int? iops)
    {
        switch (type)
        {
            case "gp2" when iops is null:
                return Math.Clamp(sizeGiB * 3, 100, 16_000);
            case "io1" or "io2" when iops is null:
                throw Ec2Errors.Create("MissingParameter", $"The parameter iops must be specified for {type} volumes.");
            case "gp3" when iops is null:
                return 3000;
        }

        if (iops is null) return null;
        if (bounds.MaxIops == 0) throw Ec2Errors.InvalidCombination($"The parameter iops is not supported for {type} volumes.");
        if (iops < bounds.MinIops || iops > bounds.MaxIops)
        {
            throw Ec2Errors.InvalidValue($"Volume iops of {iops} is out of range for {type}; it must be from {bounds.MinIops} to {bounds.MaxIops}.");
        }

        // The least can be had at any size.
        return iops == bounds.MinIops || iops <= (long)sizeGiB * bounds.IopsPerGiB
            ? iops
            : throw Ec2Errors.InvalidValue($"Iops to volume size ratio of {iops / sizeGiB} is too high for {type}; the maximum is {bounds.IopsPerGiB}.");
    }
}
