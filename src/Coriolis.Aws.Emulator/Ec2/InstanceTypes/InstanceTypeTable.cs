namespace Coriolis.Aws.Emulator.Ec2.InstanceTypes;

/// <summary>The instance types that exist: a subset of AWS's, with AWS's figures.</summary>
internal static class InstanceTypeTable
{
    private static readonly InstanceFamily s_t2 = new("t2")
    {
        Architectures = ["i386", "x86_64"],
        Nitro = false,
        Burstable = true,
        Hibernation = true,
        ClockGHz = 2.3,
        ThreadsPerCore = 1,
        BootModes = ["legacy-bios"],
    };

    private static readonly InstanceFamily s_t3 = new("t3") { Burstable = true, Hibernation = true };
    private static readonly InstanceFamily s_t3a = new("t3a") { Burstable = true, Manufacturer = "AMD", ClockGHz = 2.2 };
    private static readonly InstanceFamily s_t4g = Graviton("t4g", 2.5) with { Burstable = true };
    private static readonly InstanceFamily s_m5 = new("m5") { Hibernation = true };
    private static readonly InstanceFamily s_m6i = new("m6i") { Hibernation = true, ClockGHz = 3.5 };
    private static readonly InstanceFamily s_m6g = Graviton("m6g", 2.5);
    private static readonly InstanceFamily s_c5 = new("c5") { Hibernation = true, ClockGHz = 3.4 };
    private static readonly InstanceFamily s_c7g = Graviton("c7g", 2.6);
    private static readonly InstanceFamily s_r5 = new("r5") { Hibernation = true };
    private static readonly InstanceFamily s_i3 = new("i3") { Nitro = false, Hibernation = true, ClockGHz = 2.3, BootModes = ["legacy-bios"] };

    public static IReadOnlyDictionary<string, InstanceTypeSpec> All { get; } = Create().ToDictionary(static type => type.Name, StringComparer.Ordinal);

    private static InstanceFamily Graviton(string name, double clockGHz) => new(name)
    {
        Architectures = ["arm64"],
        Manufacturer = "AWS",
        ClockGHz = clockGHz,
        ThreadsPerCore = 1,
        BootModes = ["uefi"],
    };

    private static IEnumerable<InstanceTypeSpec> Create() =>
    [
        Type(s_t2, "nano", 1, 0.5), Type(s_t2, "micro", 1, 1), Type(s_t2, "small", 1, 2), Type(s_t2, "medium", 2, 4),
        Type(s_t2, "large", 2, 8), Type(s_t2, "xlarge", 4, 16), Type(s_t2, "2xlarge", 8, 32),
        .. Burstable(s_t3), .. Burstable(s_t3a), .. Burstable(s_t4g),
        .. Sizes(s_m5, 4), .. Sizes(s_m6i, 4), Type(s_m6g, "medium", 1, 4), .. Sizes(s_m6g, 4),
        .. Sizes(s_c5, 2), Type(s_c7g, "medium", 1, 2), .. Sizes(s_c7g, 2), .. Sizes(s_r5, 8),
        Store("large", 2, 15.25, 1, 475), Store("xlarge", 4, 30.5, 1, 950), Store("2xlarge", 8, 61, 1, 1900), Store("4xlarge", 16, 122, 2, 1900),
    ];

    private static IEnumerable<InstanceTypeSpec> Burstable(InstanceFamily family) =>
    [
        Type(family, "nano", 2, 0.5), Type(family, "micro", 2, 1), Type(family, "small", 2, 2), Type(family, "medium", 2, 4),
        Type(family, "large", 2, 8), Type(family, "xlarge", 4, 16), Type(family, "2xlarge", 8, 32),
    ];

    private static IEnumerable<InstanceTypeSpec> Sizes(InstanceFamily family, int gibPerVCpu) =>
    [
        Type(family, "large", 2, 2 * gibPerVCpu), Type(family, "xlarge", 4, 4 * gibPerVCpu), Type(family, "2xlarge", 8, 8 * gibPerVCpu),
        Type(family, "4xlarge", 16, 16 * gibPerVCpu),
    ];

    private static InstanceTypeSpec Store(string size, int vCpus, double memoryGiB, int disks, int diskGB) =>
        Type(s_i3, size, vCpus, memoryGiB) with { StoreDisks = disks, StoreDiskGB = diskGB };

    private static InstanceTypeSpec Type(InstanceFamily family, string size, int vCpus, double memoryGiB) =>
        new(family, $"{family.Name}.{size}", vCpus, (int)(memoryGiB * 1024));
}
