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

    // A worker that dies, reboots or loses its connections is what a run has to get over; the others are what it has to say clearly.
    private static readonly FaultKind[] s_machineFaults =
    [
        FaultKind.MachineFailure, FaultKind.MachineFailure, FaultKind.MachineFailure, FaultKind.MachineReboot, FaultKind.MachineReboot,
        FaultKind.ConnectionReset, FaultKind.ConnectionReset, FaultKind.NoBoot, FaultKind.NoSshServer, FaultKind.WrongHostKey, FaultKind.ClosedPorts,
        FaultKind.RefusedKey, FaultKind.AlteredUpload, FaultKind.UnreadableDisk, FaultKind.ShrunkenDisk, FaultKind.LostDisk,
        FaultKind.InsufficientCapacity, FaultKind.LateConsistency,
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

    /// <summary>The calls of a run through workers. What is launched is where most can go wrong.</summary>
    private static readonly (string Operation, FaultKind[] Special)[] s_workerCalls =
    [
        ("*", []),
        ("ec2:CreateSnapshots", [FaultKind.FailedSnapshot, FaultKind.LateConsistency]),
        ("ec2:DescribeSnapshots", [FaultKind.NotFound]),
        ("ec2:DescribeInstances", [FaultKind.NotFound]),
        ("ec2:ImportKeyPair", []),
        ("ec2:CreateSecurityGroup", []),
        ("ec2:AuthorizeSecurityGroupIngress", []),
        ("ec2:RunInstances", s_machineFaults),
        ("ec2:RunInstances", s_machineFaults),
        ("ec2:RunInstances", s_machineFaults),
        ("ec2:RunInstances", s_machineFaults),
        ("ec2:RunInstances", s_machineFaults),
        ("ec2:CreateVolume", [FaultKind.FailedVolume, FaultKind.LateConsistency]),
        ("ec2:AttachVolume", [FaultKind.StuckAttachment]),
        ("ec2:DescribeVolumes", [FaultKind.NotFound]),
        ("ec2:CreateTags", [FaultKind.NotFound]),
        ("ec2:TerminateInstances", []),
        ("ec2:DeleteVolume", []),
        ("ec2:DeleteSecurityGroup", []),
        ("ec2:DeleteKeyPair", []),
        ("ec2:DeleteSnapshot", [FaultKind.NotFound]),
    ];

    private readonly Random _random;
    private readonly bool _isWorker;

    private ScheduleGenerator(int seed, ReadPath path)
    {
        _random = new Random(seed);
        _isWorker = path == ReadPath.Worker;
    }

    public static FaultSchedule Create(int seed, ReadPath path = ReadPath.Direct)
    {
        var generator = new ScheduleGenerator(seed, path);
        return new FaultSchedule
        {
            Seed = seed,
            ReadPath = path,
            Disks = generator.Chance(0.3) ? 2 : 1,
            IsEncrypted = seed % 4 == 0,
            RealisticDelays = generator.Chance(0.5) && path != ReadPath.Worker,
            Patience = path == ReadPath.Worker ? TimeSpan.FromMinutes(1) : TimeSpan.FromDays(1),
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
        // Certificates are checked against the clock of the system, which does not jump with ours, and are good from an hour ago.
        ClockJump = TimeSpan.FromMinutes(Math.Pow(10, _random.NextDouble() * (_isWorker ? 1 : 4))),
    };

    private FaultRule NextFault() => _isWorker ? NextWorkerFault() : NextDirectFault();

    private FaultRule NextDirectFault()
    {
        var (operation, kind) = NextCall(s_calls, 0.5);
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

    // In real time: short, and not for ever.
    private FaultRule NextWorkerFault()
    {
        var (operation, kind) = NextCall(s_workerCalls, 0.8);
        return new FaultRule
        {
            Operation = operation,
            Kind = kind,
            Skip = operation == "*" ? _random.Next(40) : Chance(0.7) ? 0 : _random.Next(3),
            Count = _random.Next(1, 4),
            Duration = TimeSpan.FromSeconds(_random.Next(1, 5)),
            Status = Chance(0.5) ? 500 : 503,
            AfterBytes = _random.NextInt64(1L << 30),
        };
    }

    private (string Operation, FaultKind Kind) NextCall((string Operation, FaultKind[] Special)[] calls, double specialShare)
    {
        var (operation, special) = calls[_random.Next(calls.Length)];
        var kind = special.Length > 0 && Chance(specialShare) ? special[_random.Next(special.Length)] : s_anywhere[_random.Next(s_anywhere.Length)];
        return (operation, kind);
    }

    private bool Chance(double probability) => _random.NextDouble() < probability;
}
