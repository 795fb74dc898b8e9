using System.Globalization;

namespace Coriolis.Worker.Tests;

/// <summary>How the agent finds the disks of its machine. The machine is a mount namespace with a /dev of its own and loop devices for volumes.</summary>
public sealed class DiscoveryTests
{
    private const string Serial = "vol0123456789abcdef0";
    private const string Link = "nvme-Amazon_Elastic_Block_Store_" + Serial;

    // What udev makes on an EC2 instance, with the first volume at another name than the one it was attached as.
    private const string Machine = """
        set -e
        mount -t tmpfs tmpfs /dev
        mknod /dev/null c 1 3; mknod /dev/urandom c 1 9; mknod /dev/ram0 b 1 0
        mknod /dev/nvme2n1 b 7 $1; mknod /dev/nvme1n1 b 7 $2
        mkdir -p /dev/disk/by-id
        ln -s ../../nvme2n1 /dev/disk/by-id/$3
        ln -s ../../nvme2n1 /dev/disk/by-id/$3_1
        shift 3
        exec "$@"
        """;

    private LoopDisk _volume = null!;
    private LoopDisk _other = null!;

    [SetUp]
    public void CreateDisks()
    {
        LoopDisk.AssumePossible();
        _volume = new LoopDisk(Bytes(seed: 1, 1024 * 1024));
        _other = new LoopDisk(Bytes(seed: 2, 512 * 1024));
    }

    [TearDown]
    public void RemoveDisks()
    {
        _volume?.Dispose();
        _other?.Dispose();
    }

    [Test]
    public async Task ListDevicesAsync_AMachineWithVolumes_NamesThemBySerial()
    {
        await using var agent = await StartAsync();
        await using var client = agent.CreateClient();

        var devices = await client.ListDevicesAsync();

        var volume = devices.Single(device => device.Serial == Serial);
        Assert.Multiple(() =>
        {
            Assert.That(devices.Select(device => device.Name), Is.EqualTo(new[] { "nvme1n1", "nvme2n1" }));
            Assert.That(volume.Name, Is.EqualTo("nvme2n1"));
            Assert.That(volume.Path, Is.EqualTo("/dev/nvme2n1"));
            Assert.That(volume.SizeBytes, Is.EqualTo(1024 * 1024));
            Assert.That(volume.Links, Is.EqualTo(new[] { Link, Link + "_1" }));
            Assert.That(volume.LogicalSectorSize, Is.EqualTo(512));
            Assert.That(devices[0].Serial, Is.Empty);
        });
    }

    [TestCase("nvme2n1")]
    [TestCase("disk/by-id/" + Link)]
    [TestCase(Link)]
    public async Task GetDevice_ByNameOrByStableLink_IsItsBytes(string name)
    {
        await using var agent = await StartAsync();
        using var http = agent.Endpoint.CreateHttpClient();

        Assert.That(await http.GetByteArrayAsync($"/device/{name}"), Is.EqualTo(_volume.Content));
    }

    [Test]
    public async Task ListDevicesAsync_MountedDisk_IsLeftOutAsTheExistingAgentDoes()
    {
        LoopDisk.Run("mke2fs", "-q", "-F", _other.DevicePath);
        var mountPoint = Directory.CreateTempSubdirectory("coriolis-mount-").FullName;
        LoopDisk.Run("mount", _other.DevicePath, mountPoint);
        try
        {
            await using var ignoring = await StartAsync();
            await using var offering = await StartAsync("-ignore-mounted-disks=false");

            Assert.That(await NamesAsync(ignoring), Is.EqualTo(new[] { "nvme2n1" }));
            Assert.That(await NamesAsync(offering), Is.EqualTo(new[] { "nvme1n1*", "nvme2n1" }));
        }
        finally
        {
            LoopDisk.Run("umount", mountPoint);
            Directory.Delete(mountPoint);
        }
    }

    private static byte[] Bytes(int seed, int size)
    {
        var bytes = new byte[size];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    private static async Task<IEnumerable<string>> NamesAsync(AgentProcess agent)
    {
        await using var client = agent.CreateClient();
        return (await client.ListDevicesAsync()).Select(device => device.Name + (device.IsInUse ? "*" : ""));
    }

    private Task<AgentProcess> StartAsync(params string[] flags) => AgentProcess.StartWithinAsync(
        [
            "unshare", "--mount", "sh", "-c", Machine, "machine",
            _volume.Number.ToString(CultureInfo.InvariantCulture), _other.Number.ToString(CultureInfo.InvariantCulture), Link,
        ],
        ["-disable-chunking", .. flags]);
}
