using Amazon.EC2.Model;
using Coriolis.Aws.Emulator.Tests.Hosting;

namespace Coriolis.Aws.Emulator.Tests.State;

internal sealed class RestartTests
{
    [Test]
    public async Task StartAsync_OnExistingData_KeepsResourcesAndIdsGoOn()
    {
        await using var emulator = await TestEmulator.StartAsync();
        var before = await emulator.LaunchAsync(dataDisks: 1);
        var snapshots = await emulator.Ec2.CreateSnapshotsAsync(new CreateSnapshotsRequest
        {
            InstanceSpecification = new InstanceSpecification { InstanceId = before.InstanceId },
        });

        await emulator.RestartAsync();
        var volume = await emulator.CreateVolumeAsync();

        var after = await emulator.DescribeAsync(before.InstanceId);
        var kept = await emulator.Ec2.DescribeSnapshotsAsync(new DescribeSnapshotsRequest
        {
            SnapshotIds = [.. snapshots.Snapshots.Select(static snapshot => snapshot.SnapshotId)],
        });
        Assert.Multiple(() =>
        {
            Assert.That(after.PrivateIpAddress, Is.EqualTo(before.PrivateIpAddress));
            Assert.That(after.BlockDeviceMappings, Has.Count.EqualTo(2));
            Assert.That(after.BlockDeviceMappings.Select(static mapping => mapping.Ebs.VolumeId), Has.None.EqualTo(volume.VolumeId));
            Assert.That(kept.Snapshots, Has.Count.EqualTo(2));
        });
    }

    [TestCase("{")]
    [TestCase("{\"version\":99,\"sections\":{}}")]
    [TestCase("{\"version\":1,\"sections\":{\"ec2/eu-west-1\":{\"volumes\":{\"vol-1\":{\"id\":null}}}}}")]
    public async Task StartAsync_OnCorruptState_SaysWhichFileAndWhatToDo(string content)
    {
        var directory = Directory.CreateTempSubdirectory("emulator-");
        try
        {
            await File.WriteAllTextAsync(Path.Combine(directory.FullName, "state.json"), content);

            var error = Assert.ThrowsAsync<InvalidDataException>(
                () => AwsEmulator.StartAsync(new AwsEmulatorOptions { DataDirectory = directory.FullName }));

            Assert.That(error.Message, Does.Contain(Path.Combine(directory.FullName, "state.json")).And.Contain("Restore it"));
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }
}
