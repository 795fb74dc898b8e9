using Coriolis.Aws.Emulator;

namespace Coriolis.Cli.Tests;

/// <summary>
/// Ends runs at their points, one after the other, and has the run after each of them checked. It goes on until a run ends before its point, so
/// that the size of a matrix follows the code.
/// </summary>
internal static class CrashMatrix
{
    /// <summary>Kills a run at each call to AWS.</summary>
    /// <returns>The number of points.</returns>
    public static async Task<int> KillAtEveryCallAsync(CrashWorld world, FaultKind moment, CancellationToken cancellationToken)
    {
        var calls = 0;
        for (; await KillAtCallAsync(world, "*", calls, moment, cancellationToken); calls++)
        {
        }

        Report(world, moment == FaultKind.Hang ? "before a call" : "after a call", calls);
        return calls;
    }

    /// <summary>Ends a run at each change of a file, or message.</summary>
    /// <returns>The number of points.</returns>
    public static async Task<int> EndAtEveryPointAsync(CrashWorld world, CrashKind kind, int step, CancellationToken cancellationToken)
    {
        using var library = await CrashLibrary.BuildAsync(cancellationToken);
        var points = 0;
        for (; await EndAtPointAsync(world, library, kind, points * step, cancellationToken); points++)
        {
        }

        Report(world, (kind == CrashKind.Message ? "before a message" : $"{kind} at a change of a file") + (step == 1 ? "" : $", each {step}th"), points);
        return points;
    }

    /// <summary>Kills a run at a call; false when the run has no such call.</summary>
    public static async Task<bool> KillAtCallAsync(
        CrashWorld world, string operation, int skip, FaultKind moment, CancellationToken cancellationToken)
    {
        await world.StartRoundAsync();
        world.Account.Calls.Clear();
        world.Account.Faults.Add(new FaultRule { Operation = operation, Kind = moment, Skip = skip, Count = 1 });
        using var process = world.StartProcess(AwsEnvironment.Variables);
        var ended = process.WaitAsync(cancellationToken);
        var stuck = await world.WaitForFaultAsync(ended, cancellationToken);
        if (stuck is not null)
        {
            process.Kill();
        }

        var run = await ended;
        Assert.That(run.ExitCode, Is.EqualTo(stuck is null ? ExitCode.Done : ChildProcess.Killed), run.Error);
        await world.AssertNextRunCompletesAsync($"killed at call {skip}, {stuck?.Operation}, {moment}");
        return stuck is not null;
    }

    /// <summary>Ends a run at a change of a file, or at a message; false when the run has no such point.</summary>
    public static async Task<bool> EndAtPointAsync(
        CrashWorld world, CrashLibrary library, CrashKind kind, int point, CancellationToken cancellationToken)
    {
        await world.StartRoundAsync();
        using var process = world.StartProcess(library.Environment(world.Root, kind, point));
        var run = await process.WaitAsync(cancellationToken);
        Assert.That(run.ExitCode, Is.AnyOf(ExitCode.Done, ChildProcess.Killed), run.Error);
        await world.AssertNextRunCompletesAsync($"{kind} at {point}");
        return run.ExitCode == ChildProcess.Killed;
    }

    public static void Report(CrashWorld world, string where, int points) => TestContext.Out.WriteLine($"kill matrix: {world}, {where}: {points} points");
}
