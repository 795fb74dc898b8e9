using Coriolis.Providers;

namespace Coriolis.Replication.Tests;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class ReplicaStateStoreTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("coriolis-state-").FullName;
    private readonly ReplicaStateStore _store;

    public ReplicaStateStoreTests() => _store = new ReplicaStateStore(StateDirectory);

    private string StateDirectory => Path.Combine(_folder, "state");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Test]
    public async Task OpenAsync_Twice_HasTheSameOwnerAndReplica()
    {
        string owner, replica;
        using (var first = await _store.OpenAsync("i-1", CancellationToken.None))
        {
            (owner, replica) = (first.OwnerId, first.ReplicaId);
        }

        using var second = await new ReplicaStateStore(StateDirectory).OpenAsync("i-1", CancellationToken.None);

        Assert.That((second.OwnerId, second.ReplicaId), Is.EqualTo((owner, replica)));
    }

    [Test]
    public async Task OpenAsync_TheOwnerFileIsStillHeldByWhoWroteIt_WaitsForIt()
    {
        using (await _store.OpenAsync("i-1", CancellationToken.None))
        {
        }

        var opened = new TaskCompletionSource<ReplicaState>();
        var opening = new Thread(() =>
        {
            try
            {
                opened.SetResult(_store.OpenAsync("i-1", CancellationToken.None).GetAwaiter().GetResult());
            }
            catch (ReplicaStateException error)
            {
                opened.SetException(error);
            }
        });
        using (new FileStream(Path.Combine(StateDirectory, "owner"), FileMode.Open, FileAccess.ReadWrite, FileShare.None))
        {
            opening.Start();
            while (opening.IsAlive && !opening.ThreadState.HasFlag(ThreadState.WaitSleepJoin))
            {
                Thread.Yield();
            }
        }

        using var state = await opened.Task;
        Assert.That(Directory.EnumerateFiles(StateDirectory, "*.tmp"), Is.Empty);
    }

    [Test]
    public async Task OpenAsync_WhileAnotherExecutionRuns_ThrowsAndNamesItsProcess()
    {
        using var running = await _store.OpenAsync("i-1", CancellationToken.None);

        Assert.That(
            async () => await _store.OpenAsync("i-1", CancellationToken.None),
            Throws.TypeOf<ReplicaStateException>().With.Message.Contains($"process {Environment.ProcessId} on {Environment.MachineName} since"));
    }

    [Test]
    public async Task ReadInventoryAsync_JournalsOfRunningAndEndedExecutions_AreToldApart()
    {
        using (var state = await _store.OpenAsync("i-1", CancellationToken.None))
        {
            var running = state.CreateJournal("exec-1");
            await running.IntendAsync("set/1", "snapshot");
            await running.CreatedAsync("set/1", "snapshot", "snap-1");
            await running.CreatedAsync("set/1", "snapshot", "snap-2");
            await running.DeletedAsync("snap-2");
            var whileRunning = await _store.ReadInventoryAsync();
            Assert.That(whileRunning.RunningExecutionIds, Is.EqualTo(["exec-1"]));
            Assert.That(whileRunning.EndedExecutionIds, Is.Empty);
            running.Dispose();
        }

        var ended = await _store.ReadInventoryAsync();

        Assert.That(ended.RunningExecutionIds, Is.Empty);
        Assert.That(ended.EndedExecutionIds, Is.EqualTo(["exec-1"]));
        Assert.That(ended.JournaledIds["exec-1"], Is.EquivalentTo(["snap-1", "snap-2"]));
    }

    [Test]
    public async Task ReadInventoryAsync_AttemptOfUnknownOutcome_LeavesTheIdsOpen()
    {
        using (var state = await _store.OpenAsync("i-1", CancellationToken.None))
        using (var journal = state.CreateJournal("exec-1"))
        {
            await journal.IntendAsync("set/1", "snapshot");
        }

        var inventory = await _store.ReadInventoryAsync();

        Assert.That(inventory.EndedExecutionIds, Is.EqualTo(["exec-1"]));
        Assert.That(inventory.JournaledIds, Is.Empty);
    }

    [Test]
    public async Task OpenAsync_AfterTheHolderIsGone_Succeeds()
    {
        (await _store.OpenAsync("i-1", CancellationToken.None)).Dispose();

        using var state = await _store.OpenAsync("i-1", CancellationToken.None);

        Assert.That(state.InstanceId, Is.EqualTo("i-1"));
    }

    [Test]
    public async Task OpenAsync_HolderCannotBeRecorded_HoldsNoLock()
    {
        (await _store.OpenAsync("i-1", CancellationToken.None)).Dispose();
        var inTheWay = Directory.CreateDirectory(Path.Combine(StateDirectory, "i-1", "lock.holder"));

        Assert.That(async () => await _store.OpenAsync("i-1", CancellationToken.None), Throws.Exception);
        inTheWay.Delete();

        using var state = await _store.OpenAsync("i-1", CancellationToken.None);
        Assert.That(File.Exists(inTheWay.FullName), "it says again who holds it");
    }

    [Test]
    public async Task Dispose_HolderCannotBeRemoved_FreesTheLock()
    {
        var state = await _store.OpenAsync("i-1", CancellationToken.None);
        var inTheWay = ReplaceByFolder(Path.Combine(StateDirectory, "i-1", "lock.holder"));

        Assert.That(state.Dispose, Throws.Nothing);

        Assert.That(ReplicaLock.IsHeld(Path.Combine(StateDirectory, "i-1")), Is.False);
        inTheWay.Delete();
        (await _store.OpenAsync("i-1", CancellationToken.None)).Dispose();
    }

    [Test]
    public async Task HoldInterruptedAsync_HoldersCannotBeRemoved_FreesAllLocks()
    {
        foreach (var id in (string[])["i-1", "i-2"])
        {
            using var state = await _store.OpenAsync(id, CancellationToken.None);
            using var journal = state.CreateJournal("exec-1");
            await journal.IntendAsync("set/1", "snapshot");
        }

        var held = await _store.HoldInterruptedAsync(CancellationToken.None);
        Assert.That(held.States, Has.Count.EqualTo(2));
        ReplaceByFolder(Path.Combine(StateDirectory, "i-1", "lock.holder"));
        ReplaceByFolder(Path.Combine(StateDirectory, "i-2", "lock.holder"));

        Assert.That(held.Dispose, Throws.Nothing);

        Assert.That(ReplicaLock.IsHeld(Path.Combine(StateDirectory, "i-1")), Is.False);
        Assert.That(ReplicaLock.IsHeld(Path.Combine(StateDirectory, "i-2")), Is.False);
    }

    [Test]
    public async Task OpenAsync_OtherInstance_IsIndependent()
    {
        using var first = await _store.OpenAsync("i-1", CancellationToken.None);

        using var second = await _store.OpenAsync("i-2", CancellationToken.None);

        Assert.That(second.OwnerId, Is.EqualTo(first.OwnerId));
        Assert.That(second.ReplicaId, Is.Not.EqualTo(first.ReplicaId));
    }

    [Test]
    public async Task OpenAsync_NewState_IsReadableByItsOwnerOnly()
    {
        Assume.That(!OperatingSystem.IsWindows());
        using var state = await _store.OpenAsync("i-1", CancellationToken.None);
        using var journal = state.CreateJournal("exec-1");

        foreach (var path in Directory.EnumerateFileSystemEntries(StateDirectory, "*", SearchOption.AllDirectories).Append(StateDirectory))
        {
#pragma warning disable CA1416 // The assumption above ends the test on Windows.
            var shared = File.GetUnixFileMode(path) & ~(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
#pragma warning restore CA1416
            Assert.That(shared, Is.EqualTo(UnixFileMode.None), path);
        }
    }

    [Test]
    public async Task OpenAsync_DirectoryThatEverybodyMayWrite_Throws()
    {
        Assume.That(OperatingSystem.IsLinux());
#pragma warning disable CA1416 // The assumption above ends the test on other systems.
        Directory.CreateDirectory(StateDirectory);
        File.SetUnixFileMode(StateDirectory, (UnixFileMode)0x1ff);
        Assert.That(
            async () => await _store.OpenAsync("i-1", CancellationToken.None),
            Throws.TypeOf<ReplicaStateException>().With.Message.Contains("every user").And.Property("Remedy").Contains("chmod o-w"));
        Assert.That(Directory.EnumerateFileSystemEntries(StateDirectory), Is.Empty);

        File.SetUnixFileMode(StateDirectory, (UnixFileMode)0x1fd);
#pragma warning restore CA1416
        (await _store.OpenAsync("i-1", CancellationToken.None)).Dispose();
    }

    [TestCase("../i-1")]
    [TestCase("/tmp/i-1")]
    [TestCase("..")]
    [TestCase("")]
    [TestCase("i-1/i-2")]
    [TestCase(".i-1")]
    [TestCase("i-1\n")]
    [TestCase("i-1\0")]
    [TestCase("\u0069\u0307-1")]
    public void OpenAsync_IdThatIsNotAFileName_Throws(string instanceId)
    {
        Assert.That(async () => await _store.OpenAsync(instanceId, CancellationToken.None), Throws.TypeOf<ReplicaStateException>());
        Assert.That(Directory.EnumerateFileSystemEntries(_folder), Is.Empty);
    }

    [Test]
    public async Task OpenAsync_StateOfAnotherInstance_Throws()
    {
        (await _store.OpenAsync("i-1", CancellationToken.None)).Dispose();
        Directory.Move(Path.Combine(StateDirectory, "i-1"), Path.Combine(StateDirectory, "i-2"));

        Assert.That(
            async () => await _store.OpenAsync("i-2", CancellationToken.None),
            Throws.TypeOf<ReplicaStateException>().With.Message.Contains("'i-1', not 'i-2'"));
    }

    [TestCase("owner", "not an id")]
    [TestCase("i-1/replica.json", "{\"replicaId\":")]
    [TestCase("i-1/replica.json", "{}")]
    public async Task OpenAsync_CorruptFile_ThrowsAndNamesIt(string name, string content)
    {
        (await _store.OpenAsync("i-1", CancellationToken.None)).Dispose();
        await File.WriteAllTextAsync(Path.Combine(StateDirectory, name), content);

        Assert.That(
            async () => await _store.OpenAsync("i-1", CancellationToken.None),
            Throws.TypeOf<ReplicaStateException>().With.Message.Contains(Path.Combine(StateDirectory, name)));
    }

    [Test]
    public async Task OpenAsync_DirectoryIsAFile_ThrowsReplicaStateException()
    {
        await File.WriteAllTextAsync(StateDirectory, "");

        Assert.That(
            async () => await _store.OpenAsync("i-1", CancellationToken.None),
            Throws.TypeOf<ReplicaStateException>().With.Message.Contains(StateDirectory));
    }

    [Test]
    public async Task ReadInventoryAsync_CommittedAndPendingManifests_KeepsWhatBothName()
    {
        using var state = await _store.OpenAsync("i-1", CancellationToken.None);
        var folder = Path.Combine(StateDirectory, "i-1");
        TestManifests.Write(Path.Combine(folder, "vol-1.manifest"), TestManifests.Describe(4096), []);
        TestManifests.Write(Path.Combine(folder, "vol-1.pending"), TestManifests.Describe(4096) with { SourceReference = "snap-2" }, []);

        var inventory = await _store.ReadInventoryAsync();

        Assert.That(inventory.KeepIds, Is.EquivalentTo(["snap-1", "snap-2"]));
        Assert.That(inventory.OwnerId, Is.EqualTo(state.OwnerId));
        Assert.That(state.Baselines, Is.EquivalentTo(new Dictionary<string, string> { ["vol-1"] = "snap-1" }));
    }

    [Test]
    public async Task ReadStatusAsync_CopiedManifest_IsNotTheOneOfItsDiskButKeepsItsSnapshot()
    {
        using var state = await _store.OpenAsync("i-1", CancellationToken.None);
        var folder = Path.Combine(StateDirectory, "i-1");
        var info = TestManifests.Describe(4096);
        TestManifests.Write(Path.Combine(folder, "vol-1.manifest"), info with { SourceReference = "snap-2", PointInTime = info.PointInTime.AddDays(1) }, []);
        foreach (var copy in (string[])["a", "vol-1.bak", "z"])
        {
            TestManifests.Write(Path.Combine(folder, copy + ".manifest"), info, []);
            TestManifests.Write(Path.Combine(folder, copy + ".pending"), info with { DiskId = "vol-2" }, []);
        }

        var status = (await _store.ReadStatusAsync()).Single();
        var inventory = await _store.ReadInventoryAsync();

        Assert.That(status.Disks.Select(disk => disk.DiskId), Is.EqualTo(["vol-1"]));
        Assert.That(status.PointInTime, Is.EqualTo(info.PointInTime.AddDays(1)));
        Assert.That(state.Baselines, Is.EquivalentTo(new Dictionary<string, string> { ["vol-1"] = "snap-2" }));
        Assert.That(inventory.KeepIds, Is.EquivalentTo(["snap-1", "snap-2"]));
        Assert.That(Directory.EnumerateFiles(folder, "*.manifest").Count(), Is.EqualTo(4));
    }

    [Test]
    public async Task ReadStatusAsync_StatusThatNamesADiskTwice_ShowsItOnce()
    {
        (await _store.OpenAsync("i-1", CancellationToken.None)).Dispose();
        await File.WriteAllTextAsync(
            Path.Combine(StateDirectory, "i-1", "status.json"),
            """
            {"executionId":"exec-1","instanceName":"web","startedAt":"2026-01-01T00:00:00Z","updatedAt":"2026-01-01T00:00:00Z","stage":"transfer","disks":[
                {"diskId":"vol-1","stage":"transfer","sizeBytes":4096,"positionBytes":0,"transferredBytes":0},
                {"diskId":"vol-1","stage":"verify","sizeBytes":4096,"positionBytes":0,"transferredBytes":0}]}
            """);

        var status = (await _store.ReadStatusAsync()).Single();

        Assert.That(status.Disks.Select(disk => disk.Stage), Is.EqualTo(["transfer"]));
    }

    [Test]
    [Platform("Linux", Reason = "Links need no rights there.")]
    public async Task ReadInventoryAsync_FolderThatIsNoReplicaAndCannotBeRead_IsLeftOut([Values("lost+found", ".snapshot")] string name)
    {
        using (var state = await _store.OpenAsync("i-1", CancellationToken.None))
        using (var journal = state.CreateJournal("exec-1"))
        {
            await journal.IntendAsync("set/1", "snapshot");
        }

        // Root may read everything; a link inside is what is refused to root as well.
        var folder = Directory.CreateDirectory(Path.Combine(StateDirectory, name));
        File.CreateSymbolicLink(Path.Combine(folder.FullName, "journal"), _folder);

        Assert.That((await _store.ReadInventoryAsync()).EndedExecutionIds, Is.EqualTo(["exec-1"]));
        using var interrupted = await _store.HoldInterruptedAsync(CancellationToken.None);
        Assert.That(interrupted.States.Select(state => state.InstanceId), Is.EqualTo(["i-1"]));
        Assert.That((await _store.ReadStatusAsync()).Select(status => status.InstanceId), Is.EqualTo(["i-1"]));
        Assert.That(folder.EnumerateFileSystemInfos().Count(), Is.EqualTo(1));
    }

    [Test]
    [Platform("Linux", Reason = "Links need no rights there.")]
    public async Task ReadInventoryAsync_ReplicaThatCannotBeRead_ThrowsRatherThanLetItsSnapshotsBeSwept()
    {
        (await _store.OpenAsync("i-1", CancellationToken.None)).Dispose();
        var folder = Directory.CreateDirectory(Path.Combine(StateDirectory, "i-2"));
        File.CreateSymbolicLink(Path.Combine(folder.FullName, "journal"), _folder);

        Assert.That(async () => await _store.ReadInventoryAsync(), Throws.TypeOf<ReplicaStateException>());
    }

    [Test]
    public async Task ReadInventoryAsync_ExecutionWithOpenResources_HasEndedOnlyWhenItsLockIsFree()
    {
        var state = await _store.OpenAsync("i-1", CancellationToken.None);
        using (var journal = state.CreateJournal("exec-1"))
        {
            await journal.IntendAsync("set/1", "snapshot");
        }

        var running = await _store.ReadInventoryAsync();
        state.Dispose();
        var ended = await _store.ReadInventoryAsync();

        Assert.That(running.EndedExecutionIds, Is.Empty);
        Assert.That(ended.EndedExecutionIds, Is.EqualTo(["exec-1"]));
    }

    [Test]
    public async Task EndInterruptedAsync_JournalOfAnExecutionThatLeftNothing_IsRemoved()
    {
        using var state = await _store.OpenAsync("i-1", CancellationToken.None);
        var path = Path.Combine(StateDirectory, "i-1", "journal", "exec-1.journal");
        state.CreateJournal("exec-1").Dispose();
        Assert.That(path, Does.Not.Exist);
        JournalRecord[] whole =
        [
            new(JournalEvent.Intended, DateTimeOffset.UnixEpoch, "a", "snapshot"),
            new(JournalEvent.Created, DateTimeOffset.UnixEpoch, "a", "snapshot", "snap-1"),
            new(JournalEvent.Deleted, DateTimeOffset.UnixEpoch, Id: "snap-1"),
            new(JournalEvent.Ended, DateTimeOffset.UnixEpoch),
        ];
        await File.WriteAllTextAsync(path, string.Concat(whole.Select(JournalReplay.Format)));

        await state.EndInterruptedAsync();

        Assert.That(path, Does.Not.Exist, "the power went before the removal reached the disk");
    }

    [Test]
    public void OpenExistingAsync_NoReplica_ThrowsAndCreatesNothing()
    {
        Assert.That(
            async () => await _store.OpenExistingAsync("i-1", CancellationToken.None),
            Throws.TypeOf<ReplicaStateException>().With.Message.Contains("no replica of i-1"));
        Assert.That(Directory.Exists(StateDirectory), Is.False);
    }

    // Not even root may delete a folder as if it were a file.
    private static DirectoryInfo ReplaceByFolder(string path)
    {
        File.Delete(path);
        return Directory.CreateDirectory(path);
    }
}
