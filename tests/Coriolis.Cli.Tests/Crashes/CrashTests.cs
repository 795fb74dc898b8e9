using Coriolis.Aws.Emulator;

namespace Coriolis.Cli.Tests;

/// <summary>
/// The kill matrix: between two calls to AWS or changes of files nothing that outlives the process happens, so that a process that is ended
/// at each of them has been ended at every moment that makes a difference.
/// </summary>
[Parallelizable(ParallelScope.Children)]
public sealed class CrashTests
{
    [Test]
    [CancelAfter(300_000)]
    public async Task Replicate_KilledAtAnyAwsCall_IsCompletedByTheNextRun(
        [Values] bool incremental, [Values(FaultKind.Hang, FaultKind.LostAnswer)] FaultKind moment, CancellationToken cancellationToken)
    {
        await using var world = await CrashWorld.CreateAsync(incremental, dataDisks: 1);
        var calls = 0;
        for (; await KillAtCallAsync(world, calls, moment, cancellationToken); calls++)
        {
        }

        Report(incremental, moment == FaultKind.Hang ? "before a call" : "after a call", calls);
        Assert.That(calls, Is.GreaterThan(10));
    }

    [Test]
    [CancelAfter(600_000)]
    public Task Replicate_PowerLostAtAnyFileChange_IsCompletedByTheNextRun([Values] bool incremental, CancellationToken cancellationToken) =>
        EndAtEveryChangeAsync(incremental, CrashKind.Power, cancellationToken);

    [Test]
    [CancelAfter(900_000)]
    [Explicit("Losing what was not synchronised is the harder case of the same points; these take minutes more.")]
    public Task Replicate_EndedAtAnyFileChange_IsCompletedByTheNextRun(
        [Values] bool incremental, [Values(CrashKind.Kill, CrashKind.Torn)] CrashKind kind, CancellationToken cancellationToken) =>
        EndAtEveryChangeAsync(incremental, kind, cancellationToken);

    [Test]
    [CancelAfter(600_000)]
    public Task Replicate_PowerLostAtSomeFileChangesBetweenResumePoints_IsCompletedByTheNextRun(
        [Values] bool incremental, CancellationToken cancellationToken) =>
        EndAtEveryChangeAsync(incremental, CrashKind.Power, cancellationToken, resumePoints: true, step: 7);

    [Test]
    [CancelAfter(1_800_000)]
    [Explicit("With a resume point after every chunk there are several times as many points; every seventh of them is tried always.")]
    public Task Replicate_EndedAtAnyFileChangeBetweenResumePoints_IsCompletedByTheNextRun(
        [Values] bool incremental, [Values] CrashKind kind, CancellationToken cancellationToken) =>
        EndAtEveryChangeAsync(incremental, kind, cancellationToken, resumePoints: true);

    private static async Task EndAtEveryChangeAsync(
        bool incremental, CrashKind kind, CancellationToken cancellationToken, bool resumePoints = false, int step = 1)
    {
        using var library = await CrashLibrary.BuildAsync(cancellationToken);
        await using var world = await CrashWorld.CreateAsync(incremental, dataDisks: 0, resumePoints);
        var changes = 0;
        for (; await EndAtChangeAsync(world, library, kind, changes, cancellationToken); changes += step)
        {
        }

        Report(incremental, $"{kind} at a change of a file{(resumePoints ? ", with resume points" : "")}", changes / step);
        Assert.That(changes, Is.GreaterThan(resumePoints ? 50 : 20));
    }

    /// <summary>Kills a run at a call; false when the run has no such call.</summary>
    private static async Task<bool> KillAtCallAsync(CrashWorld world, int call, FaultKind moment, CancellationToken cancellationToken)
    {
        await world.StartRoundAsync();
        world.Account.Calls.Clear();
        world.Account.Faults.Add(new FaultRule { Operation = "*", Kind = moment, Skip = call, Count = 1 });
        using var process = world.StartProcess(AwsEnvironment.Variables);
        var ended = process.WaitAsync(cancellationToken);
        var stuck = await world.WaitForFaultAsync(ended, cancellationToken);
        if (stuck is not null)
        {
            process.Kill();
        }

        var run = await ended;
        Assert.That(run.ExitCode, Is.EqualTo(stuck is null ? ExitCode.Done : ChildProcess.Killed), run.Error);
        await world.AssertNextRunCompletesAsync($"killed at call {call}, {stuck?.Operation}, {moment}");
        return stuck is not null;
    }

    /// <summary>Ends a run at a change of a file; false when the run has no such change.</summary>
    private static async Task<bool> EndAtChangeAsync(
        CrashWorld world, CrashLibrary library, CrashKind kind, int change, CancellationToken cancellationToken)
    {
        await world.StartRoundAsync();
        using var process = world.StartProcess(library.Environment(world.Root, kind, change));
        var run = await process.WaitAsync(cancellationToken);
        Assert.That(run.ExitCode, Is.AnyOf(ExitCode.Done, ChildProcess.Killed), run.Error);
        await world.AssertNextRunCompletesAsync($"{kind} at change {change}");
        return run.ExitCode == ChildProcess.Killed;
    }

    private static void Report(bool incremental, string where, int points) =>
        TestContext.Out.WriteLine($"kill matrix: {(incremental ? "incremental" : "full")} run, {where}: {points} points");
}
