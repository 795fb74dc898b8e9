namespace Coriolis.Replication.Tests;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class ReplicaSweeperTests : IDisposable
{
    private readonly TestReplica _replica = new();

    private string JournalPath => Path.Combine(_replica.ReplicaDirectory, "journal", "exec-crashed.journal");

    public void Dispose() => _replica.Dispose();

    [TestCase(0, true)]
    [TestCase(60, false)]
    [TestCase(60, true)]
    public async Task SweepAsync_DryRunOrByAge_AsksForThatAndKeepsTheJournal(int minutes, bool dryRun)
    {
        await CrashAsync();

        await new ReplicaSweeper(_replica.Source, _replica.States).SweepAsync(TimeSpan.FromMinutes(minutes), dryRun);

        var request = _replica.Source.Sweeps.Single();
        Assert.That((request.OlderThan, request.DryRun), Is.EqualTo((TimeSpan.FromMinutes(minutes), dryRun)));
        Assert.That(request.OwnerId, Is.EqualTo((await _replica.States.ReadInventoryAsync()).OwnerId).And.Not.Null);
        Assert.That(request.EndedExecutionIds, Is.EqualTo(["exec-crashed"]));
        Assert.That(request.JournaledIds["exec-crashed"], Is.EqualTo(["snap-orphan"]));
        Assert.That(JournalPath, Does.Exist);
        Assert.That(ReplicaLock.IsHeld(_replica.ReplicaDirectory), Is.False);
    }

    [Test]
    public async Task SweepAsync_NothingIsLeft_ForgetsTheExecution()
    {
        await CrashAsync();

        await new ReplicaSweeper(_replica.Source, _replica.States).SweepAsync();

        Assert.That(_replica.Source.Snapshots, Is.Empty);
        Assert.That(JournalPath, Does.Not.Exist);
        await _replica.AssertNothingLeftBehindAsync();
    }

    private async Task CrashAsync()
    {
        using var state = await _replica.States.OpenAsync("i-1", CancellationToken.None);
        using var journal = state.CreateJournal("exec-crashed");
        await journal.IntendAsync("set/1", "snapshot");
        await journal.CreatedAsync("set/1", "snapshot", "snap-orphan");
        _replica.Source.Snapshots["snap-orphan"] = [];
    }
}
