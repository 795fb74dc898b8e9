using Amazon.EC2.Model;
using Coriolis.Aws.Emulator;

namespace Coriolis.Cli.Tests;

/// <summary>What a run does when its workers fail, and that it leaves nothing behind, whether it gets over that or not.</summary>
public sealed class ReplicateThroughFailingWorkerTests : WorkerTests
{
    // Of a disk of 1 GiB: late enough that something has been written, early enough that much is left.
    private const long InTheMiddle = 200L << 20;

    [TestCase(FaultKind.MachineFailure, 2)]
    [TestCase(FaultKind.MachineReboot, 1)]
    [TestCase(FaultKind.ConnectionReset, 1)]
    public async Task Replicate_WhenTheWorkerFailsInTheMiddle_GoesOn(FaultKind fault, int workers)
    {
        var instance = await StartAsync();
        AddFault(fault, count: 1, afterBytes: InTheMiddle);

        var run = await Workers.ReplicateAsync();

        Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Done), run.Error);
        await Account.AssertReplicaEqualsSourceAsync(instance);
        await Account.AssertNothingLeftAsync(instance, baselines: true);
        Assert.That(await Workers.CountWorkersAsync(), Is.EqualTo(workers), run.Error);
    }

    [Test]
    public async Task Replicate_WhenDevicesAreNumberedOtherwiseThanInTheRunBefore_ComparesEachDiskWithItsOwn()
    {
        var instance = await StartAsync(dataDisks: 2);
        var first = await Workers.ReplicateAsync();
        Assert.That(first.ExitCode, Is.EqualTo(ExitCode.Done), first.Error);
        Account.Write(instance.DataIds[0], 900 << 20, EmulatedAccount.Pattern(4, EmulatedAccount.Chunk));
        // After a reboot the emulator's machines number their NVMe disks in the opposite order.
        AddFault(FaultKind.MachineReboot, count: 1);

        var run = await Workers.ReplicateAsync();

        Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Done), run.Error);
        await Account.AssertReplicaEqualsSourceAsync(instance);
        await Account.AssertNothingLeftAsync(instance, baselines: true);
        var sent = run.Json.GetProperty("disks").EnumerateArray().Select(static disk => disk.GetProperty("transferredBytes").GetInt64());
        Assert.That(sent, Is.EquivalentTo(new[] { 0L, EmulatedAccount.Chunk, 0L }));
        Assert.That(run.Error, Does.Contain("lost"));
    }

    [Test]
    public async Task Replicate_WhenTheWorkerDiesWhileItHashes_GoesOn()
    {
        var instance = await StartAsync();
        var first = await Workers.ReplicateAsync();
        Assert.That(first.ExitCode, Is.EqualTo(ExitCode.Done), first.Error);
        Account.Write(instance.DataIds[0], 700 << 20, EmulatedAccount.Pattern(4, EmulatedAccount.Chunk));
        AddFault(FaultKind.MachineFailure, count: 1, afterBytes: InTheMiddle);

        var run = await Workers.ReplicateAsync();

        Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Done), run.Error);
        await Account.AssertReplicaEqualsSourceAsync(instance);
        await Account.AssertNothingLeftAsync(instance, baselines: true);
        Assert.That(run.Json.GetProperty("mode").GetString(), Is.EqualTo("incremental"));
        Assert.That(await Workers.CountWorkersAsync(), Is.EqualTo(3), run.Error);
    }

    [Test]
    public async Task Replicate_WhenEveryWorkerDies_FailsAndTheNextRunCompletesIt()
    {
        var instance = await StartAsync();
        AddFault(FaultKind.MachineFailure, count: 3, afterBytes: InTheMiddle);

        var run = await Workers.ReplicateAsync();

        Assert.That(run.ExitCode, Is.Not.EqualTo(ExitCode.Done), run.Output);
        Assert.That(run.Error, Does.Contain("worker").And.Contain("Run again"));
        // A worker serves all of its disks at once: the small one may be whole before it dies.
        await Account.AssertNothingLeftAsync(instance, CommittedDisks(run));
        var next = await Workers.ReplicateAsync();
        Assert.That(next.ExitCode, Is.EqualTo(ExitCode.Done), next.Error);
        await Account.AssertReplicaEqualsSourceAsync(instance);
        await Account.AssertNothingLeftAsync(instance, baselines: true);
    }

    [TestCase(FaultKind.NoBoot, "lets nobody in")]
    [TestCase(FaultKind.NoSshServer, "lets nobody in")]
    public async Task Replicate_WhenNoWorkerLetsUsIn_Fails(FaultKind fault, string says)
    {
        var instance = await StartAsync();
        AddFault(fault);

        var run = await Workers.ReplicateAsync("worker", ("worker_boot_timeout", "2"));

        await Account.AssertErrorAsync(run, ExitCode.Failed, says, "direct");
        await Account.AssertNothingLeftAsync(instance, baselines: false);
        Assert.That(await Workers.CountWorkersAsync(), Is.EqualTo(3));
    }

    [Test]
    public async Task Replicate_WhenTheFirstWorkerNeverBoots_TakesAnother()
    {
        var instance = await StartAsync();
        AddFault(FaultKind.NoBoot, count: 1);

        var run = await Workers.ReplicateAsync("worker", ("worker_boot_timeout", "10"));

        Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Done), run.Error);
        await Account.AssertReplicaEqualsSourceAsync(instance);
        await Account.AssertNothingLeftAsync(instance, baselines: true);
    }

    [Test]
    public async Task Replicate_WhenTheHostKeyIsAnother_FailsAndSendsNothing()
    {
        var instance = await StartAsync();
        AddFault(FaultKind.WrongHostKey);

        var run = await Workers.ReplicateAsync();

        await Account.AssertErrorAsync(run, ExitCode.Failed, "another host key", "Nothing was sent");
        await Account.AssertNothingLeftAsync(instance, baselines: false);
        Assert.That(await Workers.CountWorkersAsync(), Is.EqualTo(1));
    }

    [Test]
    public async Task Replicate_WhenTheWorkerRefusesOurKey_FailsWithoutTryingOthers()
    {
        var instance = await StartAsync();
        AddFault(FaultKind.RefusedKey);

        var run = await Workers.ReplicateAsync("worker", ("worker_boot_timeout", "3"));

        await Account.AssertErrorAsync(run, ExitCode.Failed, "refuses the key", "publickey", "cloud-init");
        await Account.AssertNothingLeftAsync(instance, baselines: false);
        Assert.That(await Workers.CountWorkersAsync(), Is.EqualTo(1));
    }

    [Test]
    public async Task Replicate_WhenTheAgentArrivesAltered_RefusesToStartIt()
    {
        var instance = await StartAsync();
        AddFault(FaultKind.AlteredUpload);

        var run = await Workers.ReplicateAsync();

        await Account.AssertErrorAsync(run, ExitCode.Failed, "coriolis-worker is not the same on the worker i-", "SHA-256", "Run again");
        Assert.That(run.Json.GetProperty("error").GetProperty("code").GetString(), Is.EqualTo("Integrity"));
        await Account.AssertNothingLeftAsync(instance, baselines: false);
        Assert.That(await Workers.CountWorkersAsync(), Is.EqualTo(1));
    }

    [Test]
    public async Task Replicate_WhenOnlySshCanBeReached_ReadsThroughSsh()
    {
        var instance = await StartAsync();
        AddFault(FaultKind.ClosedPorts);

        var run = await Workers.ReplicateAsync();

        Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Done), run.Error);
        await Account.AssertReplicaEqualsSourceAsync(instance);
        await Account.AssertNothingLeftAsync(instance, baselines: true);
        Assert.That(run.Error, Does.Contain("reading through SSH"));
    }

    [Test]
    public async Task Replicate_WhenAVolumeIsNeverAttached_TakesAnotherWorker()
    {
        var instance = await StartAsync();
        Account.Faults.Add(new FaultRule { Operation = "ec2:AttachVolume", Kind = FaultKind.StuckAttachment, Count = 1 });

        var run = await Workers.ReplicateAsync("worker", ("worker_attach_timeout", "2"));

        Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Done), run.Error);
        await Account.AssertReplicaEqualsSourceAsync(instance);
        await Account.AssertNothingLeftAsync(instance, baselines: true);
        Assert.That(await Workers.CountWorkersAsync(), Is.EqualTo(2), run.Error);
    }

    [Test]
    public async Task Replicate_WhenAWorkerHoldsFewerVolumesThanItsTypeSays_SpreadsThemOverTwo()
    {
        var instance = await StartAsync(dataDisks: 2);
        Account.Faults.Add(new FaultRule { Operation = "ec2:AttachVolume", Kind = FaultKind.NotFound, Code = "AttachmentLimitExceeded", Skip = 2, Count = 1 });

        var run = await Workers.ReplicateAsync();

        Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Done), run.Error);
        await Account.AssertReplicaEqualsSourceAsync(instance);
        await Account.AssertNothingLeftAsync(instance, baselines: true);
        Assert.That(await Workers.CountWorkersAsync(), Is.EqualTo(3), run.Error);
    }

    [Test]
    public async Task Replicate_WhenTheAnswerToEveryCreationIsLost_UsesWhatWasCreated()
    {
        var instance = await StartAsync(dataDisks: 0);
        foreach (var call in new[]
                 {
                     "ImportKeyPair", "CreateSecurityGroup", "AuthorizeSecurityGroupIngress", "RunInstances", "CreateVolume", "AttachVolume",
                 })
        {
            Account.Faults.Add(new FaultRule { Operation = $"ec2:{call}", Kind = FaultKind.TornBody, Count = 1 });
        }

        var run = await Workers.ReplicateAsync();

        Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Done), run.Error);
        await Account.AssertNothingLeftAsync(instance, baselines: true);
        Assert.That(await Workers.CountWorkersAsync(), Is.EqualTo(1), run.Error);
        Assert.That(Account.Faults.Rules, Is.Empty);
    }

    [Test]
    public async Task Replicate_WhenAVolumeVanishes_SaysSoAndCleansUp()
    {
        var instance = await StartAsync(delays: new EmulatorDelays { VolumeCreate = TimeSpan.FromSeconds(2) });
        Account.Faults.Add(new FaultRule { Operation = "ec2:CreateVolume", Kind = FaultKind.FailedVolume, Skip = 1, Count = 1 });

        var run = await Workers.ReplicateAsync();

        await Account.AssertErrorAsync(run, ExitCode.Failed, "has vanished or failed");
        await Account.AssertNothingLeftAsync(instance, baselines: false);
    }

    [TestCase("ami-0fffffffffffffff0", "does not exist")]
    [TestCase("no such type", "does not exist in eu-west-1")]
    [TestCase("subnet-0ffffffffffffff00", "worker_subnet_id")]
    public async Task Replicate_WithAWorkerThatCannotBe_FailsBeforeAnythingIsCreated(string setting, string says)
    {
        var instance = await StartAsync();

        var run = await Workers.ReplicateAsync("worker", setting switch
        {
            ['a', ..] => ("export_image", setting),
            ['s', ..] => ("worker_subnet_id", setting),
            _ => ("worker_instance_type", "t9.huge"),
        });

        await Account.AssertErrorAsync(run, ExitCode.Failed, says);
        await Account.AssertNothingLeftAsync(instance, baselines: false);
        Assert.That(Account.Calls.GetCounts(), Does.Not.ContainKey("ec2:CreateSnapshots"));
    }

    [TestCase("two disks", "more than one disk")]
    [TestCase("arm64", "it is for arm64")]
    [TestCase("uefi", "boots by uefi only")]
    public async Task Replicate_WithAnImageThatDoesNotFit_FailsBeforeAnythingIsCreated(string image, string says)
    {
        var instance = await StartAsync();
        var root = await Account.Ec2.CreateSnapshotAsync(new CreateSnapshotRequest(instance.RootId, "root of an image"));
        var registered = await Account.Ec2.RegisterImageAsync(new RegisterImageRequest
        {
            Name = "unfit",
            Architecture = image == "arm64" ? "arm64" : "x86_64",
            BootMode = image == "uefi" ? "uefi" : null,
            VirtualizationType = "hvm",
            RootDeviceName = "/dev/xvda",
            BlockDeviceMappings =
            [
                new BlockDeviceMapping { DeviceName = "/dev/xvda", Ebs = new EbsBlockDevice { SnapshotId = root.Snapshot.SnapshotId } },
                .. image == "two disks" ? [new BlockDeviceMapping { DeviceName = "/dev/xvdb", Ebs = new EbsBlockDevice { VolumeSize = 1 } }] : Array.Empty<BlockDeviceMapping>(),
            ],
        });

        // t2 types boot by BIOS only.
        var run = await Workers.ReplicateAsync("worker", ("export_image", registered.ImageId), ("worker_instance_type", "t2.medium"));

        Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Failed), run.Output);
        Assert.That(run.Error, Does.Contain(says).And.Contain("migr_image_map"));
        Assert.That(Account.Calls.GetCounts(), Does.Not.ContainKey("ec2:CreateSnapshots"));
        await Account.Ec2.DeregisterImageAsync(new DeregisterImageRequest { ImageId = registered.ImageId });
        await Account.Ec2.DeleteSnapshotAsync(new DeleteSnapshotRequest(root.Snapshot.SnapshotId));
        await Account.AssertNothingLeftAsync(instance, baselines: false);
    }

    [Test]
    public async Task Replicate_InAnAccountWithoutDefaultVpc_PutsTheWorkerIntoTheInstancesSubnet()
    {
        await StartAccountAsync(delays: null, defaultVpc: false);
        var seeded = await Account.SeedAsync(new InstanceSeed { Name = "web", Volumes = [new VolumeSeed { SizeGiB = 1 }] });
        var instance = new TestInstance(seeded.InstanceId, seeded.VolumeIds[0], []);

        var run = await Workers.ReplicateAsync();

        Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Done), run.Error);
        await Account.AssertReplicaEqualsSourceAsync(instance);
        await Account.AssertNothingLeftAsync(instance, baselines: true);
    }

    [Test]
    public async Task Replicate_WhenNoTypeHasCapacity_SaysWhereAndCleansUp()
    {
        var instance = await StartAsync();
        Account.Faults.Add(new FaultRule { Operation = "ec2:RunInstances", Kind = FaultKind.InsufficientCapacity });

        var run = await Workers.ReplicateAsync();

        await Account.AssertErrorAsync(run, ExitCode.Failed, "No worker can be had in eu-west-1", "worker_instance_type");
        await Account.AssertNothingLeftAsync(instance, baselines: false);
    }

    private async Task<TestInstance> StartAsync(int dataDisks = 1, EmulatorDelays? delays = null)
    {
        if (delays is not null)
        {
            await StartAccountAsync(delays);
        }

        var instance = await Account.LaunchAsync("web", dataDisks);
        foreach (var (id, seed) in instance.DataIds.Select(static (id, index) => (id, index + 10)))
        {
            Account.Write(id, 500 << 20, EmulatedAccount.Pattern(seed, 3 * EmulatedAccount.Chunk));
        }

        return instance;
    }

    private static string[] CommittedDisks(CliRun run) =>
    [
        .. run.Json.GetProperty("disks").EnumerateArray()
            .Where(static disk => disk.GetProperty("status").GetString() == "committed")
            .Select(static disk => disk.GetProperty("diskId").GetString()!),
    ];

    private void AddFault(FaultKind kind, int? count = null, long afterBytes = 0) =>
        Account.Faults.Add(new FaultRule { Operation = "ec2:RunInstances", Kind = kind, Count = count, AfterBytes = afterBytes });
}
