using Coriolis.Aws.Emulator;

namespace Coriolis.Reliability.Tests.Schedules;

/// <summary>Makes a schedule of a seed.</summary>
internal sealed class ScheduleGenerator
{
    private const int MiB = 1024 * 1024;

    private static readonly FaultKind[] s_anywhere =
    [
        FaultKind.Throttle, FaultKind.Throttle, FaultKind.ServerError, FaultKind.ServerError, FaultKind.DropConnection, FaultKind.TornBody,
        FaultKind.Hang, FaultKind.LostAnswer, FaultKind.Delay, FaultKind.AccessDenied, FaultKind.ExpiredCredentials,
    ];

    /// <summary>The calls of a run, each with the faults that only it can have.</summary>
    private static readonly (string Operation, FaultKind[] Special)[] s_calls =
    [
        ("*", []),
        ("ec2:DescribeInstances", [FaultKind.NotFound]),
        ("ec2:DescribeVolumes", [FaultKind.NotFound]),
        ("ec2:CreateSnapshots", [FaultKind.StuckSnapshot, FaultKind.FailedSnapshot, FaultKind.LateConsistency, FaultKind.LateConsistency]),
        ("ec2:DescribeSnapshots", [FaultKind.NotFound]),
        ("ec2:CreateTags", [FaultKind.NotFound]),
        ("ec2:DeleteSnapshot", [FaultKind.NotFound]),
        ("ec2:StopInstances", []),
        ("ec2:StartInstances", []),
        ("ebs:ListSnapshotBlocks", [FaultKind.ShortPage, FaultKind.EmptyPage, FaultKind.ExpiredToken, FaultKind.NotFound]),
        ("ebs:ListChangedBlocks", [FaultKind.ShortPage, FaultKind.EmptyPage, FaultKind.ExpiredToken, FaultKind.NotFound]),
        ("ebs:GetSnapshotBlock",
            [FaultKind.WrongChecksum, FaultKind.CorruptBytes, FaultKind.WrongLength, FaultKind.ExpiredToken, FaultKind.WrongChecksum, FaultKind.CorruptBytes]),
    ];

    private readonly Random _random;

    private ScheduleGenerator(int seed) => _random = new Random(seed);

    public static FaultSchedule Create(int seed)
    {
        var generator = new ScheduleGenerator(seed);
        return new FaultSchedule
        {
            Seed = seed,
            Disks = generator.Chance(0.3) ? 2 : 1,
            RealisticDelays = generator.Chance(0.5),
            Rounds = [.. Enumerable.Range(0, generator._random.Next(1, 4)).Select(_ => generator.NextRound())],
        };
    }

    private Round NextRound() => new()
    {
        Writes = _random.Next(),
        WritesMeanwhile = Chance(0.15),
        GrowsVolume = Chance(0.05),
        ReplicaDeleted = Chance(0.05),
        ReplicaChanged = Chance(0.08),
        BaselineSnapshotDeleted = Chance(0.05),
        NewProcess = Chance(0.5),
        ShutDown = Chance(0.15),
        Verify = Chance(0.15),
        CompareDestination = Chance(0.1),
        Faults = [.. Enumerable.Range(0, Chance(0.15) ? 0 : _random.Next(1, 4)).Select(_ => NextFault())],
        FailsAtWrite = Chance(0.12) ? _random.Next(12) : null,
        FreeBytes = Chance(0.12) ? _random.Next(0, 2 * MiB) : null,
        CancelledAtReport = Chance(0.12) ? _random.Next(30) : null,
        ClockJumpsAtReport = Chance(0.1) ? _random.Next(30) : null,
        ClockJump = TimeSpan.FromMinutes(Math.Pow(10, _random.NextDouble() * 4)),
    };

    private FaultRule NextFault()
    {
        var (operation, special) = s_calls[_random.Next(s_calls.Length)];
        var kind = special.Length > 0 && Chance(0.5) ? special[_random.Next(special.Length)] : s_anywhere[_random.Next(s_anywhere.Length)];
        return new FaultRule
        {
            Operation = operation,
            Kind = kind,
            Skip = Chance(0.4) ? 0 : _random.Next(operation is "*" or "ebs:GetSnapshotBlock" ? 25 : 4),
            Count = Chance(0.15) ? null : Chance(0.7) ? _random.Next(1, 4) : _random.Next(4, 25),
            Duration = TimeSpan.FromSeconds(Chance(0.1) ? 36_000 : _random.Next(1, 150)),
            Status = Chance(0.5) ? 500 : 503,
        };
    }

    private bool Chance(double probability) => _random.NextDouble() < probability;
}
