namespace Coriolis.Cli.Tests;

public sealed class MigrateTests : AccountTests
{
    private TestInstance _instance = null!;

    [SetUp]
    public async Task SetUp()
    {
        _instance = await Account.LaunchAsync("web");
    }

    [Test]
    public async Task Migrate_ARunningInstance_StopsItAndLeavesAVerifiedReplica()
    {
        var run = await MigrateAsync("--syncs", "2");

        var executions = run.Json.GetProperty("executions").EnumerateArray().ToList();
        Assert.Multiple(() =>
        {
            Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Done), run.Error);
            Assert.That(run.Json.GetProperty("isShutDown").GetBoolean(), Is.True);
            Assert.That(
                executions.Select(execution => execution.GetProperty("mode").GetString()),
                Is.EqualTo(new[] { "full", "incremental", "incremental" }));
        });
        Assert.That(await Account.GetStateAsync(_instance.Id), Is.EqualTo("stopped"));
        await Account.AssertReplicaEqualsSourceAsync(_instance);
    }

    [Test]
    public async Task Migrate_WithoutSyncs_CopiesTheStoppedInstanceOnce()
    {
        var run = await MigrateAsync("--syncs", "0");

        Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Done), run.Error);
        Assert.That(run.Json.GetProperty("executions").GetArrayLength(), Is.EqualTo(1));
        Assert.That(await Account.GetStateAsync(_instance.Id), Is.EqualTo("stopped"));
        await Account.AssertReplicaEqualsSourceAsync(_instance);
    }

    [Test]
    public async Task Migrate_ASyncThatFails_LeavesTheInstanceRunning()
    {
        Directory.CreateDirectory(Account.ReplicaPath(_instance.RootId));

        var run = await MigrateAsync();

        Assert.Multiple(() =>
        {
            Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Failed), run.Output);
            Assert.That(run.Json.GetProperty("isShutDown").GetBoolean(), Is.False);
            Assert.That(run.Json.GetProperty("executions").GetArrayLength(), Is.EqualTo(1));
        });
        Assert.That(await Account.GetStateAsync(_instance.Id), Is.EqualTo("running"));
    }

    [Test]
    public async Task Migrate_TheLastSyncFails_StartsTheInstanceAgain()
    {
        Directory.CreateDirectory(Account.ReplicaPath(_instance.RootId));

        var run = await MigrateAsync("--syncs", "0");

        Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Failed), run.Output);
        Assert.That(run.Json.GetProperty("isShutDown").GetBoolean(), Is.False);
        Assert.That(await Account.GetStateAsync(_instance.Id), Is.EqualTo("running"));
    }

    [Test]
    public async Task Migrate_ForPeople_SaysThatTheInstanceIsShutDown()
    {
        var run = await Account.RunAsync("migrate", "web", "--to", Account.To, "--state", Account.State);

        Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Done), run.Error);
        Assert.That(run.Output, Does.Contain($"{_instance.Id} is shut down"));
    }

    [TestCase("-1")]
    [TestCase("101")]
    [TestCase("many")]
    public async Task Migrate_SyncsThatAreNoCount_AreAUsageError(string syncs)
    {
        var run = await MigrateAsync("--syncs", syncs);

        Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Usage), run.Output);
        Assert.That(await Account.GetStateAsync(_instance.Id), Is.EqualTo("running"));
    }

    private Task<CliRun> MigrateAsync(params string[] args) =>
        Account.RunAsync(["migrate", "web", "--to", Account.To, "--state", Account.State, "--json", .. args]);
}
