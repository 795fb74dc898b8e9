using Amazon.EC2.Model;
using Coriolis.Aws.Emulator.Tests.Ebs;
using Coriolis.Aws.Emulator.Tests.Hosting;

namespace Coriolis.Aws.Emulator.Tests.State;

/// <summary>The states in which a killed emulator can leave its directory: between what a call does to the bytes and to the records.</summary>
internal sealed class RecoveryTests : BlockApiFixture
{
    [Test]
    public async Task Start_AfterAnUnansweredCreation_HasNothingOfItAndCreatesAgain()
    {
        var (volumeId, _) = await CreateVolumeAndSnapshotAsync((1, 1));
        var state = await File.ReadAllBytesAsync(StateFile);
        var lost = await Host.CreateVolumeAsync();
        var lostSnapshot = await CreateSnapshotAsync(volumeId);
        var started = await StartSnapshotAsync();

        await KilledBeforeSavingAsync(state);

        Assert.That(Directory.GetFiles(VolumeFolderPath, lost.VolumeId + "*"), Is.Empty);
        Assert.That(Directory.GetFiles(SnapshotFolderPath).Select(Path.GetFileNameWithoutExtension), Has.None.AnyOf(lostSnapshot, started));
        // The next ids are those that the unanswered calls had taken.
        Assert.That((await Host.CreateVolumeAsync()).VolumeId, Is.EqualTo(lost.VolumeId));
    }

    [Test]
    public async Task Start_AfterAnUnansweredDeletion_HasFinishedIt()
    {
        var (volumeId, snapshotId) = await CreateVolumeAndSnapshotAsync((1, 1));
        var volume = await Host.CreateVolumeAsync();
        var state = await File.ReadAllBytesAsync(StateFile);
        await Host.Ec2.DeleteSnapshotAsync(new DeleteSnapshotRequest(snapshotId));
        await Host.Ec2.DeleteVolumeAsync(new DeleteVolumeRequest(volume.VolumeId));
        await Host.Ec2.DescribeVolumesAsync();

        await KilledBeforeSavingAsync(state);

        var volumes = await Host.Ec2.DescribeVolumesAsync();
        var snapshots = await Host.Ec2.DescribeSnapshotsAsync(new DescribeSnapshotsRequest { OwnerIds = ["self"] });
        Assert.That(volumes.Volumes.Select(static item => item.VolumeId), Is.EqualTo(new[] { volumeId }));
        Assert.That(snapshots.Snapshots ?? [], Is.Empty);
    }

    [Test]
    public async Task Start_AfterAnUnansweredCompletion_HasTheSnapshotComplete()
    {
        var snapshotId = await StartSnapshotAsync();
        var state = await File.ReadAllBytesAsync(StateFile);
        using (await Ebs.SendAsync(HttpMethod.Post, $"/snapshots/completion/{snapshotId}", new() { ["x-amz-changedblockscount"] = "0" }, []))
        {
        }

        await KilledBeforeSavingAsync(state);

        Assert.That(await ListAsync($"/snapshots/{snapshotId}/blocks", "Blocks"), Is.Empty);
    }

    [Test]
    public async Task Start_AfterAnUnansweredModification_HasTheSizeOfTheBytes()
    {
        var volume = await Host.CreateVolumeAsync();
        var state = await File.ReadAllBytesAsync(StateFile);
        await Host.Ec2.ModifyVolumeAsync(new ModifyVolumeRequest { VolumeId = volume.VolumeId, Size = 3 });

        await KilledBeforeSavingAsync(state);

        var found = (await Host.Ec2.DescribeVolumesAsync(new DescribeVolumesRequest { VolumeIds = [volume.VolumeId] })).Volumes.Single();
        Assert.That((long)found.Size! << 30, Is.EqualTo(new FileInfo(Path.Combine(VolumeFolderPath, volume.VolumeId + ".raw")).Length));
    }

    [Test]
    public void StateFile_HoldsSecrets_IsReadableByItsOwnerOnly()
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Ignore("Windows has no file modes.");
            return;
        }

        Assert.That(File.GetUnixFileMode(StateFile), Is.EqualTo(UnixFileMode.UserRead | UnixFileMode.UserWrite));
    }

    private string StateFile => Path.Combine(Host.Directory, "state.json");

    private string VolumeFolderPath => Path.Combine(Host.Directory, TestEmulator.Region, "volumes");

    private string SnapshotFolderPath => Path.Combine(Host.Directory, TestEmulator.Region, "snapshots");

    /// <summary>Starts the emulator again with the bytes as they are and the records as they were.</summary>
    private async Task KilledBeforeSavingAsync(byte[] state)
    {
        await Host.StopAsync();
        await File.WriteAllBytesAsync(StateFile, state);
        await RestartAsync();
    }

    private async Task<string> StartSnapshotAsync()
    {
        using var response = await Ebs.SendAsync(HttpMethod.Post, "/snapshots", [], SignedClient.Json("""{"VolumeSize":1}"""));
        return (await SignedClient.ReadJsonAsync(response)).GetProperty("SnapshotId").GetString()!;
    }
}
