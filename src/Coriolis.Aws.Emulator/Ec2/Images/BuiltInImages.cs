using Coriolis.Aws.Emulator.State;

namespace Coriolis.Aws.Emulator.Ec2.Images;

/// <summary>The images that exist without a call: a few public ones like Canonical's and Amazon's, and those of the options.</summary>
internal static class BuiltInImages
{
    /// <summary>Canonical's account, by which images of Ubuntu are usually found.</summary>
    public const string CanonicalAccount = "099720109477";

    /// <summary>Amazon's account for its own images.</summary>
    public const string AmazonAccount = "137112412989";

    private const long BytesPerGiB = 1L << 30;

    public static void Add(Region region, DateTimeOffset now)
    {
        Add(region, now, CanonicalAccount, null, "ubuntu/images/hvm-ssd-gp3/ubuntu-noble-24.04-amd64-server-20260801", "x86_64", "/dev/sda1");
        Add(region, now, CanonicalAccount, null, "ubuntu/images/hvm-ssd-gp3/ubuntu-noble-24.04-arm64-server-20260801", "arm64", "/dev/sda1");
        Add(region, now, CanonicalAccount, null, "ubuntu/images/hvm-ssd/ubuntu-jammy-22.04-amd64-server-20260801", "x86_64", "/dev/sda1");
        Add(region, now, AmazonAccount, "amazon", "al2023-ami-2023.8.20260801.0-kernel-6.12-x86_64", "x86_64", "/dev/xvda");
        Add(region, now, AmazonAccount, "amazon", "al2023-ami-2023.8.20260801.0-kernel-6.12-arm64", "arm64", "/dev/xvda");
    }

    /// <summary>An image of the options: its root volume starts as a copy of the file.</summary>
    public static ImageRecord FromFile(Region region, string id, string file, DateTimeOffset now)
    {
        var sizeGiB = (int)((new FileInfo(file).Length + BytesPerGiB - 1) / BytesPerGiB);
        return new ImageRecord
        {
            Id = id,
            Sequence = region.NextSequence(),
            Name = Path.GetFileNameWithoutExtension(file),
            Description = "Image given to the emulator as a file",
            OwnerId = region.AccountId,
            Architecture = "x86_64",
            RootDeviceName = "/dev/sda1",
            BootMode = "uefi-preferred",
            CreationDate = now,
            Devices = [new ImageDevice { DeviceName = "/dev/sda1", SizeGiB = Math.Max(1, sizeGiB) }],
            RootFile = Path.GetFullPath(file),
            BuiltIn = true,
        };
    }

    private static void Add(
        Region region, DateTimeOffset now, string owner, string? alias, string name, string architecture, string rootDevice)
    {
        var (id, sequence) = region.NextId("ami");
        region.State.Images[id] = new ImageRecord
        {
            Id = id,
            Sequence = sequence,
            Name = name,
            Description = name,
            OwnerId = owner,
            OwnerAlias = alias,
            Public = true,
            Architecture = architecture,
            RootDeviceName = rootDevice,
            BootMode = architecture == "arm64" ? "uefi" : "uefi-preferred",
            ImdsSupport = alias is null ? null : "v2.0",
            CreationDate = now,
            Devices = [new ImageDevice { DeviceName = rootDevice, SizeGiB = 8 }],
            BuiltIn = true,
        };
    }
}
