using System.Collections.Concurrent;
using System.Globalization;
using Coriolis.Aws.Emulator;

namespace Coriolis.Reliability.Tests.Schedules;

/// <summary>
/// Random schedules of faults, each made of its seed. <c>CORIOLIS_SCHEDULES=10000</c> plays more of them, <c>CORIOLIS_SEED=4711</c> that one
/// again; <c>CORIOLIS_WORKER_SCHEDULES</c> and <c>CORIOLIS_WORKER_SEED</c> do so for those over real workers.
/// </summary>
public sealed class FaultScheduleTests
{
    private const int OrdinarySchedules = 500;
    private const int OrdinaryWorkerSchedules = 8;
    private const int EnoughFailures = 10;

    [Test]
    [CancelAfter(8 * 3600 * 1000)]
    public async Task Schedules_OfAnySeed_EndWithAReplicaThatEqualsItsSource(CancellationToken cancellationToken) =>
        await PlayAsync(ReadPath.Direct, "CORIOLIS_SEED", "CORIOLIS_SCHEDULES", OrdinarySchedules, Environment.ProcessorCount, cancellationToken);

    [Test]
    [CancelAfter(8 * 3600 * 1000)]
    public async Task WorkerSchedules_OfAnySeed_EndWithAReplicaThatEqualsItsSource(CancellationToken cancellationToken)
    {
        if (await AwsEmulator.FindWorkerObstacleAsync(cancellationToken) is { } obstacle)
        {
            Assert.Ignore(obstacle);
        }

        // One at a time: the machines are real, and so is the time that they have.
        await PlayAsync(ReadPath.Worker, "CORIOLIS_WORKER_SEED", "CORIOLIS_WORKER_SCHEDULES", OrdinaryWorkerSchedules, parallelism: 1, cancellationToken);
    }

    private static async Task PlayAsync(
        ReadPath path, string seedVariable, string countVariable, int ordinaryCount, int parallelism, CancellationToken cancellationToken)
    {
        var seeds = ReadNumber(seedVariable) is { } seed ? [seed] : Enumerable.Range(1, ReadNumber(countVariable) ?? ordinaryCount);
        var tally = new Tally();
        var failures = new ConcurrentQueue<string>();
        await Parallel.ForEachAsync(
            seeds,
            new ParallelOptions { MaxDegreeOfParallelism = parallelism, CancellationToken = cancellationToken },
            async (seed, _) =>
            {
                if (failures.Count < EnoughFailures && await FindFailureAsync(ScheduleGenerator.Create(seed, path), tally) is { } failure)
                {
                    var report = $"To play it again: {seedVariable}={seed} bash tests/run.sh FaultScheduleTests\n{failure}";
                    failures.Enqueue(report);
                    // At once: a night's run that is ended has still said what it found.
                    await TestContext.Progress.WriteLineAsync(report);
                }
            });

        TestContext.Out.WriteLine($"fault schedules, {path}: {tally}");
        Assert.That(failures, Is.Empty, string.Join("\n\n", failures));
    }

    private static async Task<string?> FindFailureAsync(FaultSchedule schedule, Tally tally)
    {
        try
        {
            await ScheduleWorld.PlayAsync(schedule, tally);
            return null;
        }
        catch (Exception error)
        {
            return $"{schedule}\n{error}";
        }
    }

    private static int? ReadNumber(string variable) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), CultureInfo.InvariantCulture, out var number) ? number : null;
}
