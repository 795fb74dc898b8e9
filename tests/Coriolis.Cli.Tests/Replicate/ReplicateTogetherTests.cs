using Coriolis.Aws.Emulator;

namespace Coriolis.Cli.Tests;

/// <summary>Several processes on one replica, or on the limits of one account.</summary>
public sealed class ReplicateTogetherTests
{
    private EmulatedAccount _account = null!;

    [TearDown]
    public async Task TearDown() => await _account.DisposeAsync();

    [Test]
    [CancelAfter(120_000)]
    public async Task Replicate_WhileAnotherProcessHoldsTheReplica_IsRefusedAndTakesItOverWhenThatDies(CancellationToken cancellationToken)
    {
        _account = await EmulatedAccount.StartAsync();
        var instance = await _account.LaunchAsync("web", dataDisks: 0);
        _account.Faults.Add(new FaultRule { Operation = "ebs:GetSnapshotBlock", Kind = FaultKind.Hang });
        using var process = Start("web");
        var ended = process.WaitAsync(cancellationToken);
        await _account.Calls.WaitForAsync(call => call.Fault is not null, cancellationToken);

        var refused = await _account.ReplicateAsync("web");
        var status = (await _account.RunAsync("status", "--state", _account.State, "--json")).Json.GetProperty("replicas")[0];
        var table = await _account.RunAsync("status", "--state", _account.State);
        process.Kill();
        await ended;
        _account.Faults.Clear();
        var dead = (await _account.RunAsync("status", "--state", _account.State, "--json")).Json.GetProperty("replicas")[0];
        var next = await _account.ReplicateAsync("web");

        Assert.Multiple(() =>
        {
            Assert.That(refused.ExitCode, Is.EqualTo(ExitCode.Failed));
            Assert.That(refused.Error, Does.Contain($"process {process.Id} on {Environment.MachineName} since 20"));
            Assert.That(status.GetProperty("holder").GetProperty("processId").GetInt32(), Is.EqualTo(process.Id));
            Assert.That(status.GetProperty("holder").GetProperty("host").GetString(), Is.EqualTo(Environment.MachineName));
            Assert.That(table.Output, Does.Contain($"held by process {process.Id}"));
            Assert.That(dead.GetProperty("holder").ValueKind, Is.EqualTo(System.Text.Json.JsonValueKind.Null));
            Assert.That(next.ExitCode, Is.EqualTo(ExitCode.Done), next.Error);
        });
        await _account.AssertReplicaEqualsSourceAsync(instance);
        await _account.AssertNothingLeftAsync(instance, baselines: true);
    }

    [Test]
    [CancelAfter(180_000)]
    public async Task Replicate_ThreeProcessesOnTheQuotaOfAnAccount_ShareItAndWasteLittle(CancellationToken cancellationToken)
    {
        // As with the real quota, one process alone keeps below it, and three together want more than twice as much.
        const int Quota = 100;
        const int Blocks = 400;
        _account = await EmulatedAccount.StartAsync(blockApiQuotas: new EbsQuotas { GetSnapshotBlockPerAccount = Quota });
        var instances = new[] { await LaunchAsync("one"), await LaunchAsync("two"), await LaunchAsync("three") };
        var processes = instances.Select(instance => Start(instance.Id, "--source-environment", $$"""{"max_block_reads_per_second": {{Quota * 8 / 10}}}""")).ToList();

        var runs = await Task.WhenAll(processes.Select(process => process.WaitAsync(cancellationToken)));

        processes.ForEach(process => process.Dispose());
        Assert.That(runs.Select(run => run.ExitCode), Is.All.EqualTo(ExitCode.Done), string.Join("\n", runs.Select(run => run.Error)));
        var reads = _account.Calls.GetLatest().Where(call => call.Operation == "GetSnapshotBlock").ToList();
        var served = reads.Where(call => call.Status == 200).ToList();

        // While all three read, none is starved.
        var begins = served.GroupBy(SnapshotOf).Max(own => own.Min(call => call.Time));
        var ends = served.GroupBy(SnapshotOf).Min(own => own.Max(call => call.Time));
        var shares = served.Where(call => call.Time >= begins && call.Time <= ends).GroupBy(SnapshotOf).Select(own => own.Count()).Order().ToList();
        var refused = 100.0 * (reads.Count - served.Count) / reads.Count;
        TestContext.Out.WriteLine($"shares {string.Join(", ", shares)} of {shares.Sum()} blocks in {(ends - begins).TotalSeconds:0.0} s; {refused:0.0} % of {reads.Count} requests refused");
        Assert.Multiple(() =>
        {
            Assert.That(shares, Has.Count.EqualTo(3));
            Assert.That(shares[0], Is.GreaterThan(shares.Sum() / 6.0), "the least has at least half of its share");
            Assert.That(refused, Is.LessThan(10));
        });
        foreach (var instance in instances)
        {
            await _account.AssertReplicaEqualsSourceAsync(instance);
        }

        static string SnapshotOf(RecordedCall call) => call.ResourceIds[0];

        async Task<TestInstance> LaunchAsync(string name)
        {
            var instance = await _account.LaunchAsync(name, dataDisks: 0);
            _account.Write(instance.RootId, 0, EmulatedAccount.Pattern(name.Length, Blocks * EmulatedAccount.Chunk));
            return instance;
        }
    }

    [Test]
    [CancelAfter(120_000)]
    public async Task Replicate_TwoProcessesAndRoomForOneSnapshot_TakeTurns(CancellationToken cancellationToken)
    {
        _account = await EmulatedAccount.StartAsync(
            new EmulatorDelays { Snapshot = TimeSpan.FromSeconds(5) }, quotas: new EmulatorQuotas { PendingSnapshots = 1 });
        var instances = new[] { await _account.LaunchAsync("one", dataDisks: 0), await _account.LaunchAsync("two", dataDisks: 0) };
        using var first = Start(instances[0].Id);
        using var second = Start(instances[1].Id);

        var runs = await Task.WhenAll(first.WaitAsync(cancellationToken), second.WaitAsync(cancellationToken));

        Assert.That(runs.Select(run => run.ExitCode), Is.All.EqualTo(ExitCode.Done), runs[0].Error + runs[1].Error);
        Assert.That(_account.Calls.GetLatest().Count(call => call.ErrorCode == "PendingSnapshotLimitExceeded"), Is.GreaterThan(0));
        Assert.That(await _account.ListSnapshotsAsync(), Has.Count.EqualTo(2));
    }

    private ChildProcess Start(string instance, params string[] options) => ChildProcess.OfTool(
        ["replicate", instance, "--to", _account.To, "--state", _account.State, .. options, .. _account.Connection]);
}
