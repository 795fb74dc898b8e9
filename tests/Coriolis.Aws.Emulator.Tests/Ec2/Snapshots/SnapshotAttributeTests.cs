using Amazon.EC2;
using Amazon.EC2.Model;
using Coriolis.Aws.Emulator.Tests.Hosting;

namespace Coriolis.Aws.Emulator.Tests.Ec2.Snapshots;

internal sealed class SnapshotAttributeTests
{
    private const string Account = "111122223333";

    [Test]
    public async Task ModifySnapshotAttribute_AddAndRemove_IsWhatDescribeSnapshotAttributeSays()
    {
        await using var emulator = await TestEmulator.StartAsync();
        var snapshotId = await CreateAsync(emulator, encrypted: false);

        await emulator.Ec2.ModifySnapshotAttributeAsync(Change(snapshotId, OperationType.Add, Account));
        await emulator.Ec2.ModifySnapshotAttributeAsync(new ModifySnapshotAttributeRequest
        {
            SnapshotId = snapshotId,
            CreateVolumePermission = new CreateVolumePermissionModifications { Add = [new CreateVolumePermission { Group = PermissionGroup.All }] },
        });
        var shared = await DescribeAsync(emulator, snapshotId);
        var restorable = await emulator.Ec2.DescribeSnapshotsAsync(new DescribeSnapshotsRequest { RestorableByUserIds = [Account] });
        await emulator.Ec2.ModifySnapshotAttributeAsync(Change(snapshotId, OperationType.Remove, Account));
        var left = await DescribeAsync(emulator, snapshotId);

        Assert.Multiple(() =>
        {
            Assert.That(shared, Is.EqualTo(new[] { Account, "all" }));
            Assert.That(restorable.Snapshots.Single().SnapshotId, Is.EqualTo(snapshotId));
            Assert.That(left, Is.EqualTo(new[] { "all" }));
        });
    }

    [Test]
    public async Task ModifySnapshotAttribute_ThatCannotBe_IsRefusedWithTheReason()
    {
        await using var emulator = await TestEmulator.StartAsync();
        var encrypted = await CreateAsync(emulator, encrypted: true);
        var both = new ModifySnapshotAttributeRequest
        {
            SnapshotId = encrypted,
            CreateVolumePermission = new CreateVolumePermissionModifications
            {
                Add = [new CreateVolumePermission { UserId = Account }],
                Remove = [new CreateVolumePermission { UserId = "444455556666" }],
            },
        };

        var defaultKey = await TestEmulator.ErrorCodeAsync(() => emulator.Ec2.ModifySnapshotAttributeAsync(Change(encrypted, OperationType.Add, Account)));
        var addAndRemove = await TestEmulator.ErrorCodeAsync(() => emulator.Ec2.ModifySnapshotAttributeAsync(both));

        Assert.That((defaultKey, addAndRemove), Is.EqualTo(("InvalidParameter", "InvalidParameterCombination")));
        Assert.That(await DescribeAsync(emulator, encrypted), Is.Empty);
    }

    private static ModifySnapshotAttributeRequest Change(string snapshotId, OperationType operation, string account) => new()
    {
        SnapshotId = snapshotId,
        Attribute = SnapshotAttributeName.CreateVolumePermission,
        OperationType = operation,
        UserIds = [account],
    };

    private static async Task<string> CreateAsync(TestEmulator emulator, bool encrypted)
    {
        var volume = await emulator.CreateVolumeAsync(configure: request => request.Encrypted = encrypted);
        return (await emulator.Ec2.CreateSnapshotAsync(new CreateSnapshotRequest { VolumeId = volume.VolumeId })).Snapshot.SnapshotId;
    }

    private static async Task<IEnumerable<string>> DescribeAsync(TestEmulator emulator, string snapshotId)
    {
        var attribute = await emulator.Ec2.DescribeSnapshotAttributeAsync(
            new DescribeSnapshotAttributeRequest { SnapshotId = snapshotId, Attribute = SnapshotAttributeName.CreateVolumePermission });
        return (attribute.CreateVolumePermissions ?? []).Select(static permission => permission.UserId ?? permission.Group.Value);
    }
}
