using Coriolis.Aws.Emulator.Ec2.Protocol;

namespace Coriolis.Aws.Emulator.Ec2.InstanceTypes;

/// <summary>Writes instance types.</summary>
internal static class TypeXml
{
    public static bool IsFreeTier(InstanceTypeSpec type) => type.Name is "t2.micro" or "t3.micro" or "t4g.micro";

    public static string Hypervisor(InstanceTypeSpec type) => type.Family.Nitro ? "nitro" : "xen";

    public static string EnaSupport(InstanceTypeSpec type) =>
        type.Family.Nitro ? "required" : type.Family.Name == "t2" ? "unsupported" : "supported";

    public static void Write(Ec2Xml xml, InstanceTypeSpec type)
    {
        xml.Add("instanceType", type.Name);
        xml.Add("currentGeneration", type.Family.CurrentGeneration);
        xml.Add("freeTierEligible", IsFreeTier(type));
        xml.AddList("supportedUsageClasses", ["on-demand", "spot"]);
        xml.AddList("supportedRootDeviceTypes", ["ebs"]);
        xml.AddList("supportedVirtualizationTypes", ["hvm"]);
        xml.Add("bareMetal", false);
        xml.Add("hypervisor", Hypervisor(type));
        xml.Add("processorInfo", () =>
        {
            xml.AddList("supportedArchitectures", type.Family.Architectures);
            xml.Add("sustainedClockSpeedInGhz", type.Family.ClockGHz);
            xml.Add("manufacturer", type.Family.Manufacturer);
        });
        xml.Add("vCpuInfo", () =>
        {
            xml.Add("defaultVCpus", type.VCpus);
            xml.Add("defaultCores", Math.Max(1, type.VCpus / type.Family.ThreadsPerCore));
            xml.Add("defaultThreadsPerCore", type.Family.ThreadsPerCore);
        });
        xml.Add("memoryInfo", () => xml.Add("sizeInMiB", type.MemoryMiB));
        WriteStorage(xml, type);
        WriteNetwork(xml, type);
        xml.Add("placementGroupInfo", () => xml.AddList("supportedStrategies", ["partition", "spread"]));
        xml.Add("hibernationSupported", type.Family.Hibernation);
        xml.Add("burstablePerformanceSupported", type.Family.Burstable);
        xml.Add("dedicatedHostsSupported", !type.Family.Burstable);
        xml.Add("autoRecoverySupported", true);
        xml.AddList("supportedBootModes", type.Family.BootModes);
        xml.Add("nitroEnclavesSupport", "unsupported");
        xml.Add("nitroTpmSupport", type.Family.Nitro && type.Family.BootModes.Contains("uefi") ? "supported" : "unsupported");
    }

    private static void WriteStorage(Ec2Xml xml, InstanceTypeSpec type)
    {
        xml.Add("instanceStorageSupported", type.StoreDisks > 0);
        if (type.StoreDisks > 0)
        {
            xml.Add("instanceStorageInfo", () =>
            {
                xml.Add("totalSizeInGB", type.StoreDisks * type.StoreDiskGB);
                xml.AddList("disks", [type], disk =>
                {
                    xml.Add("sizeInGB", disk.StoreDiskGB);
                    xml.Add("count", disk.StoreDisks);
                    xml.Add("type", "ssd");
                });
                xml.Add("nvmeSupport", "required");
                xml.Add("encryptionSupport", "unsupported");
            });
        }

        xml.Add("ebsInfo", () =>
        {
            xml.Add("ebsOptimizedSupport", type.Family.Nitro ? "default" : "supported");
            xml.Add("encryptionSupport", "supported");
            xml.Add("nvmeSupport", type.Family.Nitro ? "required" : "unsupported");
            xml.Add("maximumEbsAttachments", type.MaxVolumes);
            xml.Add("attachmentLimitType", type.Family.Nitro ? "shared" : "dedicated");
        });
    }

    private static void WriteNetwork(Ec2Xml xml, InstanceTypeSpec type) => xml.Add("networkInfo", () =>
    {
        xml.Add("networkPerformance", type.Family.Nitro ? "Up to 5 Gigabit" : "Low to Moderate");
        xml.Add("maximumNetworkInterfaces", type.VCpus > 2 ? 4 : 3);
        xml.Add("maximumNetworkCards", 1);
        xml.Add("defaultNetworkCardIndex", 0);
        xml.Add("ipv4AddressesPerInterface", 10);
        xml.Add("ipv6AddressesPerInterface", 10);
        xml.Add("ipv6Supported", true);
        xml.Add("enaSupport", EnaSupport(type));
        xml.Add("efaSupported", false);
    });
}
