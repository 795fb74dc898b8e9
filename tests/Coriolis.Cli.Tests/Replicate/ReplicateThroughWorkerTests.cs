using Coriolis.Aws.Emulator;

namespace Coriolis.Cli.Tests;

/// <summary>Replicas that are read through real machines of the emulator.</summary>
public sealed class ReplicateThroughWorkerTests : WorkerTests
{
    [Test]
    public async Task Replicate_OfMoreDisksThanTheTypeTakes_ReadsThroughTwoWorkers()
    {
        // A t3.medium takes 27 attachments, of which its root disk and its interface are two.
        var seeded = await Account.SeedAsync(new InstanceSeed
        {
            Name = "web",
            Volumes =
            [
                new VolumeSeed { SizeGiB = 1 },
                .. Enumerable.Range(0, 25).Select(static index => new VolumeSeed { SizeGiB = 1, DeviceName = $"/dev/xvdb{(char)('a' + index)}" }),
            ],
        });
        var instance = new TestInstance(seeded.InstanceId, seeded.VolumeIds[0], [.. seeded.VolumeIds.Skip(1)]);
        foreach (var (id, index) in instance.VolumeIds.Select(static (id, index) => (id, index)))
        {
            Account.Write(id, index << 20, EmulatedAccount.Pattern(index, EmulatedAccount.Chunk));
        }

        var run = await Workers.ReplicateAsync();

        Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Done), run.Error);
        await Account.AssertReplicaEqualsSourceAsync(instance);
        await Account.AssertNothingLeftAsync(instance, baselines: true);
        Assert.That(await Workers.CountWorkersAsync(), Is.EqualTo(2), run.Error);
    }

    [TestCase("t2.medium")]
    [TestCase("t3.medium")]
    public async Task Replicate_ThroughAWorker_CopiesEveryDiskAndLeavesTheBaselinesOnly(string type)
    {
        var instance = await Account.LaunchAsync("web", dataDisks: 2);
        Account.Write(instance.DataIds[0], 300 << 20, EmulatedAccount.Pattern(2, 3 * EmulatedAccount.Chunk));

        var run = await Workers.ReplicateAsync("worker", ("worker_instance_type", type));

        Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Done), run.Error);
        await Account.AssertReplicaEqualsSourceAsync(instance);
        await Account.AssertNothingLeftAsync(instance, baselines: true);
        Assert.That(ReadPaths(run), Is.All.EqualTo("worker"));
    }

    [TestCase("direct", "worker")]
    [TestCase("worker", "direct")]
    [TestCase("worker", "worker")]
    public async Task Replicate_OnOnePathThenTheOther_SendsWhatChangedOnly(string first, string second)
    {
        var instance = await Account.LaunchAsync("web");
        var full = await Workers.ReplicateAsync(first);
        Assert.That(full.ExitCode, Is.EqualTo(ExitCode.Done), full.Error);
        Account.Write(instance.RootId, 100 << 20, EmulatedAccount.Pattern(3, 2 * EmulatedAccount.Chunk));
        Account.Write(instance.RootId, 0, new byte[EmulatedAccount.Chunk]);

        var run = await Workers.ReplicateAsync(second);

        Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Done), run.Error);
        await Account.AssertReplicaEqualsSourceAsync(instance);
        await Account.AssertNothingLeftAsync(instance, baselines: true);
        var disk = run.Json.GetProperty("disks")[0];
        Assert.Multiple(() =>
        {
            Assert.That(ReadPaths(run), Is.All.EqualTo(second));
            Assert.That(run.Json.GetProperty("mode").GetString(), Is.EqualTo("incremental"));
            Assert.That(disk.GetProperty("transferredBytes").GetInt64(), Is.EqualTo(2 * EmulatedAccount.Chunk));
        });
    }

    [Test]
    public async Task Replicate_WithoutAccessToTheBlockApi_TakesAWorkerByItself()
    {
        var instance = await Account.LaunchAsync("web");
        Account.Faults.Add(new FaultRule { Operation = "ebs:*", Kind = FaultKind.AccessDenied });

        var run = await Workers.ReplicateAsync("auto");

        Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Done), run.Error);
        Assert.That(run.Error, Does.Contain("reading through a worker, because the block API cannot be used"));
        await Account.AssertReplicaEqualsSourceAsync(instance);
        Assert.That(ReadPaths(run), Is.All.EqualTo("worker"));
    }

    [Test]
    public async Task Replicate_OfAVolumeWithMarketplaceCodes_StopsTheWorkerToAttachIt()
    {
        var seeded = await Account.SeedAsync(new InstanceSeed
        {
            Name = "web",
            Volumes = [new VolumeSeed { SizeGiB = 1 }, new VolumeSeed { SizeGiB = 1, ProductCodes = ["code1"] }],
        });
        var instance = new TestInstance(seeded.InstanceId, seeded.VolumeIds[0], [seeded.VolumeIds[1]]);
        Account.Write(instance.DataIds[0], 300 << 20, EmulatedAccount.Pattern(5, EmulatedAccount.Chunk));

        var run = await Workers.ReplicateAsync("worker");

        Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Done), run.Error);
        await Account.AssertReplicaEqualsSourceAsync(instance);
        await Account.AssertNothingLeftAsync(instance, baselines: true);
        Assert.That(run.Error, Does.Contain("stopping the worker"));
    }

    [Test]
    public async Task Replicate_WhenTypesAndSubnetsCannotBeHad_TakesTheNext()
    {
        var instance = await Account.LaunchAsync("web");
        Account.Faults.Add(new FaultRule { Operation = "ec2:RunInstances", Kind = FaultKind.InsufficientCapacity, Count = 1 });
        foreach (var code in new[] { "Unsupported", "VcpuLimitExceeded", "InsufficientFreeAddressesInSubnet", "InstanceLimitExceeded" })
        {
            Account.Faults.Add(new FaultRule { Operation = "ec2:RunInstances", Kind = FaultKind.NotFound, Code = code, Count = 1 });
        }

        var run = await Workers.ReplicateAsync("worker");

        Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Done), run.Error);
        await Account.AssertNothingLeftAsync(instance, baselines: true);
    }

    private static IEnumerable<string?> ReadPaths(CliRun run) =>
        run.Json.GetProperty("disks").EnumerateArray().Select(disk => disk.GetProperty("readPath").GetString());
}
