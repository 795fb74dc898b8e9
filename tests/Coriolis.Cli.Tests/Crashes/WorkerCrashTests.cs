using Coriolis.Aws.Emulator;

namespace Coriolis.Cli.Tests;

/// <summary>
/// The kill matrix of runs that read through a worker, which is a real machine of the emulator. The calls that create or delete something are tried
/// always; the rest takes the better part of an hour: <c>bash tests/run.sh Category=WorkerKillMatrix</c>.
/// </summary>
public sealed class WorkerCrashTests
{
    private const string Duration = "Every round launches two workers; there are hundreds: bash tests/run.sh Category=WorkerKillMatrix";

    // Far apart from each other, and prime, so that they do not fall into step with anything that repeats.
    private const int MessageStep = 37;

    [Test]
    [CancelAfter(300_000)]
    public async Task Replicate_KilledAtACallThatChangesSomething_IsCompletedByTheNextRun([Values] bool incremental, CancellationToken cancellationToken)
    {
        await using var world = await CrashWorld.CreateAsync(incremental, dataDisks: 0, readPath: "worker");
        (string Operation, FaultKind Moment)[] points = incremental
            ? [("CreateSecurityGroup", FaultKind.LostAnswer), ("TerminateInstances", FaultKind.LostAnswer), ("DeleteKeyPair", FaultKind.LostAnswer)]
            : [("RunInstances", FaultKind.LostAnswer), ("CreateVolume", FaultKind.LostAnswer), ("ModifyInstanceAttribute", FaultKind.Hang)];
        foreach (var (operation, moment) in points)
        {
            var wasKilled = await CrashMatrix.KillAtCallAsync(world, $"ec2:{operation}", skip: 0, moment, cancellationToken);
            Assert.That(wasKilled, operation);
        }

        CrashMatrix.Report(world, "at a call that changes something", points.Length);
    }

    [Test]
    [CancelAfter(3_600_000)]
    [Explicit(Duration)]
    [Category("WorkerKillMatrix")]
    public async Task Replicate_KilledAtAnyAwsCall_IsCompletedByTheNextRun(
        [Values] bool incremental, [Values(FaultKind.Hang, FaultKind.LostAnswer)] FaultKind moment, CancellationToken cancellationToken)
    {
        await using var world = await CrashWorld.CreateAsync(incremental, dataDisks: 0, readPath: "worker");

        Assert.That(await CrashMatrix.KillAtEveryCallAsync(world, moment, cancellationToken), Is.GreaterThan(30));
    }

    [Test]
    [CancelAfter(3_600_000)]
    [Explicit(Duration)]
    [Category("WorkerKillMatrix")]
    public async Task Replicate_PowerLostAtAnyFileChange_IsCompletedByTheNextRun([Values] bool incremental, CancellationToken cancellationToken)
    {
        await using var world = await CrashWorld.CreateAsync(incremental, dataDisks: 0, readPath: "worker");

        Assert.That(await CrashMatrix.EndAtEveryPointAsync(world, CrashKind.Power, step: 1, cancellationToken), Is.GreaterThan(30));
    }

    [Test]
    [CancelAfter(3_600_000)]
    [Explicit(Duration)]
    [Category("WorkerKillMatrix")]
    public async Task Replicate_KilledBetweenAnyMessages_IsCompletedByTheNextRun([Values] bool incremental, CancellationToken cancellationToken)
    {
        await using var world = await CrashWorld.CreateAsync(incremental, dataDisks: 0, readPath: "worker");

        Assert.That(await CrashMatrix.EndAtEveryPointAsync(world, CrashKind.Message, MessageStep, cancellationToken), Is.GreaterThan(10));
    }
}
