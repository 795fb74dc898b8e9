using Coriolis.Morphing.Disks;
using Coriolis.Morphing.Tests.Support;

namespace Coriolis.Morphing.Tests.Disks;

/// <summary>Tables that sfdisk wrote.</summary>
public sealed class PartitionTableTests
{
    private const long MiB = 1024 * 1024;

    [Test]
    public void Read_Gpt_GivesOffsetsAndNames()
    {
        var partitions = Read("label: gpt\nstart=2048, size=1MiB\nsize=8MiB, name=root, uuid=138AC5EA-2C17-3E40-99CB-A64136EC89EE\n");

        Assert.That(partitions[1], Is.EqualTo(new Partition(2, 2 * MiB, 8 * MiB, "138ac5ea-2c17-3e40-99cb-a64136ec89ee", "root")));
    }

    [Test]
    public void Read_GptWithoutItsFirstHeader_UsesTheBackup()
    {
        var partitions = Read("label: gpt\nstart=2048, size=8MiB\n", disk =>
        {
            disk.Position = PartitionTable.SectorSize;
            disk.Write(new byte[PartitionTable.SectorSize]);
        });

        Assert.That(partitions.Single().Length, Is.EqualTo(8 * MiB));
    }

    [Test]
    public void Read_MbrWithLogicalPartitions_NumbersThemFromFive()
    {
        var partitions = Read("label: dos\nlabel-id: 0x1234abcd\nstart=2048, size=2MiB, type=83\nsize=20MiB, type=5\n5 : size=4MiB, type=83\n6 : size=4MiB, type=83\n");

        Assert.That(partitions.Select(partition => partition.Number), Is.EqualTo((int[])[1, 5, 6]));
        Assert.That(partitions[2], Has.Property("Uuid").EqualTo("1234abcd-06").And.Property("Length").EqualTo(4 * MiB));
    }

    [Test]
    public void Read_DiskWithoutTable_GivesNone()
    {
        Assert.That(Read(null), Is.Empty);
    }

    private static IReadOnlyList<Partition> Read(string? script, Action<FileStream>? damage = null)
    {
        Machine.NeedsProgram("sfdisk");
        using var directory = new TemporaryDirectory();
        var path = directory.Below("disk.raw");
        using (var file = File.Create(path))
            file.SetLength(64 * MiB);
        if (script is not null)
            DiskFile.WriteTable(path, script);

        using (var file = File.Open(path, FileMode.Open))
            damage?.Invoke(file);
        using var disk = DiskImage.Open(path, readOnly: true);
        return disk.Partitions;
    }
}
