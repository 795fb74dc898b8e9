using Amazon.EC2;
using Amazon.EC2.Model;

namespace Coriolis.Providers.Aws;

/// <summary>Turns EC2's description of an instance into the contract's.</summary>
internal static class InstanceMapper
{
    public static SourceInstance Map(
        string region, string accountId, Instance instance, InstanceTypeInfo type, Image? image, IReadOnlyList<SourceDisk> disks)
    {
        var architecture = instance.Architecture?.Value ?? "x86_64";
        var firmware = FirmwareOf(instance, type, image);
        return new SourceInstance
        {
            Id = instance.InstanceId,
            Name = Ec2Names.NameOf(instance),
            Region = region,
            AvailabilityZone = instance.Placement?.AvailabilityZone ?? region,
            AccountId = accountId,
            Flavor = FlavorOf(type),
            Architecture = architecture,
            Firmware = firmware,
            // Amazon EC2 User Guide, "UEFI Secure Boot": not available on Graviton.
            SecureBootCapable = firmware == FirmwareType.Uefi && architecture == "x86_64",
            OsType = OsTypeOf(instance),
            PlatformDetails = instance.PlatformDetails,
            PowerState = PowerStateOf(instance),
            Disks = disks,
            Nics = [.. (instance.NetworkInterfaces ?? []).Select(MapNic).OrderBy(nic => nic.DeviceIndex)],
            Hostname = instance.PrivateDnsName is { Length: > 0 } hostname ? hostname : null,
            PublicIpAddress = instance.PublicIpAddress is { Length: > 0 } address ? address : null,
            ImageId = instance.ImageId,
            VpcId = instance.VpcId,
            SubnetId = instance.SubnetId,
            ProductCodes = [.. (instance.ProductCodes ?? []).Select(code => code.ProductCodeId)],
            HibernationConfigured = instance.HibernationOptions?.Configured == true,
            Tags = (instance.Tags ?? []).ToDictionary(tag => tag.Key, tag => tag.Value),
        };
    }

    public static InstanceSummary MapSummary(Instance instance, InstanceTypeInfo type)
    {
        var flavor = FlavorOf(type);
        return new InstanceSummary
        {
            Id = instance.InstanceId,
            Name = Ec2Names.NameOf(instance),
            FlavorName = flavor.Name,
            VCpus = flavor.VCpus,
            MemoryMiB = flavor.MemoryMiB,
            OsType = OsTypeOf(instance),
            PowerState = PowerStateOf(instance),
            AvailabilityZone = instance.Placement?.AvailabilityZone ?? "",
        };
    }

    public static PowerState PowerStateOf(Instance instance) => instance.State?.Name?.Value switch
    {
        "pending" => PowerState.Starting,
        "running" => PowerState.Running,
        "stopping" => PowerState.Stopping,
        "stopped" => PowerState.Stopped,
        "shutting-down" or "terminated" => PowerState.Terminated,
        _ => PowerState.Unknown,
    };

    /// <summary>Whether the instance leaves open which firmware it boots with.</summary>
    public static bool NeedsImage(Instance instance) =>
        instance.CurrentInstanceBootMode is null && (instance.BootMode is null || instance.BootMode == BootModeValues.UefiPreferred);

    private static FirmwareType FirmwareOf(Instance instance, InstanceTypeInfo type, Image? image)
    {
        var supportsUefi = type.SupportedBootModes?.Contains("uefi") == true;
        var supportsBios = type.SupportedBootModes is not { Count: > 0 } modes || modes.Contains("legacy-bios");
        return (instance.CurrentInstanceBootMode?.Value ?? instance.BootMode?.Value ?? image?.BootMode?.Value) switch
        {
            "uefi" => FirmwareType.Uefi,
            "legacy-bios" => FirmwareType.Bios,
            "uefi-preferred" => supportsUefi ? FirmwareType.Uefi : FirmwareType.Bios,
            // Amazon EC2 User Guide, "Instance launch behavior with boot modes": Intel and AMD default to legacy BIOS, Graviton to UEFI.
            _ => instance.Architecture == ArchitectureValues.Arm64 || !supportsBios ? FirmwareType.Uefi : FirmwareType.Bios,
        };
    }

    private static OsType OsTypeOf(Instance instance)
    {
        if (instance.Platform is not null || instance.PlatformDetails?.Contains("Windows", StringComparison.OrdinalIgnoreCase) == true)
        {
            return OsType.Windows;
        }

        return instance.Architecture?.Value.EndsWith("_mac", StringComparison.Ordinal) == true ? OsType.Other : OsType.Linux;
    }

    private static InstanceFlavor FlavorOf(InstanceTypeInfo type) =>
        new(type.InstanceType.Value, type.VCpuInfo?.DefaultVCpus ?? 0, type.MemoryInfo?.SizeInMiB ?? 0);

    private static SourceNic MapNic(InstanceNetworkInterface nic)
    {
        var addresses = (nic.PrivateIpAddresses ?? []).OrderByDescending(a => a.Primary == true).Select(a => a.PrivateIpAddress).ToList();
        if (addresses.Count == 0 && nic.PrivateIpAddress is { Length: > 0 } primary)
        {
            addresses.Add(primary);
        }

        return new SourceNic
        {
            Id = nic.NetworkInterfaceId,
            DeviceIndex = nic.Attachment?.DeviceIndex ?? 0,
            MacAddress = nic.MacAddress?.ToLowerInvariant() ?? "",
            NetworkId = nic.VpcId,
            SubnetId = nic.SubnetId,
            IpAddresses = [.. addresses, .. (nic.Ipv6Addresses ?? []).Select(a => a.Ipv6Address)],
            SecurityGroupIds = [.. (nic.Groups ?? []).Select(group => group.GroupId)],
        };
    }
}
