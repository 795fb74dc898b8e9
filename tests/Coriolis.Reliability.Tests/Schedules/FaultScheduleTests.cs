using System.Collections.Concurrent;
using System.Globalization;

namespace Coriolis.Reliability.Tests.Schedules;

/// <summary>
/// Random schedules of faults, each made of its seed. <c>CORIOLIS_SCHEDULES=10000</c> plays more of them, <c>CORIOLIS_SEED=4711</c> that one
/// again.
/// </summary>
public sealed class FaultScheduleTests
{
    private const int OrdinarySchedules = 500;
    private const int EnoughFailures = 10;

    [Test]
    [CancelAfter(8 * 3600 * 1000)]
    public async Task Schedules_OfAnySeed_EndWithAReplicaThatEqualsItsSource(CancellationToken cancellationToken)
    {
        var seeds = ReadNumber("CORIOLIS_SEED") is { } seed
            ? [seed]
            : Enumerable.Range(1, ReadNumber("CORIOLIS_SCHEDULES") ?? OrdinarySchedules);
        var tally = new Tally();
        var failures = new ConcurrentQueue<string>();
        await Parallel.ForEachAsync(
            seeds,
            new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount, CancellationToken = cancellationToken },
            async (seed, _) =>
            {
                if (failures.Count < EnoughFailures && await FindFailureAsync(seed, tally) is { } failure)
                {
                    failures.Enqueue(failure);
                }
            });

        TestContext.Out.WriteLine($"fault schedules: {tally}");
        Assert.That(failures, Is.Empty, string.Join("\n\n", failures));
    }

    private static async Task<string?> FindFailureAsync(int seed, Tally tally)
    {
        var schedule = ScheduleGenerator.Create(seed);
        try
        {
            await ScheduleWorld.PlayAsync(schedule, tally);
            return null;
        }
        catch (Exception error)
        {
            return $"To play it again: CORIOLIS_SEED={seed} bash tests/run.sh FaultScheduleTests\n{schedule}\n{error}";
        }
    }

    private static int? ReadNumber(string variable) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), CultureInfo.InvariantCulture, out var number) ? number : null;
}
