using Coriolis.Aws.Emulator;

namespace Coriolis.Reliability.Tests.Schedules;

/// <summary>What happens to one replica: an account, and rounds in which its source changes and a run is disturbed. A seed always gives the same.</summary>
internal sealed record FaultSchedule
{
    public required int Seed { get; init; }

    /// <summary>Direct, with a simulated clock, or through real workers in real time.</summary>
    public ReadPath ReadPath { get; init; } = ReadPath.Direct;

    public required int Disks { get; init; }

    public bool IsEncrypted { get; init; }

    public required bool RealisticDelays { get; init; }

    /// <summary>How long after the last round the effects of all faults are over.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromDays(1);

    public required IReadOnlyList<Round> Rounds { get; init; }

    public override string ToString() =>
        $"seed {Seed}: {ReadPath}, {Disks} {(IsEncrypted ? "encrypted " : "")}disk(s), {(RealisticDelays ? "realistic" : "no")} delays\n"
        + string.Join("\n", Rounds.Select((round, index) => $"  round {index + 1}: {round}"));
}

/// <summary>One run, what was done to the world before it, and what disturbs it.</summary>
internal sealed record Round
{
    /// <summary>The seed of the bytes that the guest writes before the run.</summary>
    public required int Writes { get; init; }

    /// <summary>Whether the guest also writes while the run transfers.</summary>
    public bool WritesMeanwhile { get; init; }

    public bool GrowsVolume { get; init; }

    public bool ReplicaDeleted { get; init; }

    public bool ReplicaChanged { get; init; }

    public bool BaselineSnapshotDeleted { get; init; }

    /// <summary>Whether the run is that of a new process, which has nothing in memory of the ones before.</summary>
    public bool NewProcess { get; init; }

    public bool ShutDown { get; init; }

    public bool Verify { get; init; }

    public bool CompareDestination { get; init; }

    public IReadOnlyList<FaultRule> Faults { get; init; } = [];

    /// <summary>The operation on the destination that fails as on a full disk, half of it written.</summary>
    public int? FailsAtWrite { get; init; }

    /// <summary>The bytes that the file system of replica and state has left; only where one can be mounted.</summary>
    public long? FreeBytes { get; init; }

    /// <summary>The report of progress at which the run is cancelled.</summary>
    public int? CancelledAtReport { get; init; }

    /// <summary>The report of progress at which the clock jumps.</summary>
    public int? ClockJumpsAtReport { get; init; }

    public TimeSpan ClockJump { get; init; }

    public override string ToString()
    {
        var parts = new List<string>();
        Add(WritesMeanwhile, "writes meanwhile");
        Add(GrowsVolume, "a volume grows");
        Add(ReplicaDeleted, "replica deleted");
        Add(ReplicaChanged, "replica changed");
        Add(BaselineSnapshotDeleted, "baseline snapshot deleted");
        Add(NewProcess, "new process");
        Add(ShutDown, "shutdown");
        Add(Verify, "verify");
        Add(CompareDestination, "compare");
        Add(FailsAtWrite is not null, $"write {FailsAtWrite} fails");
        Add(FreeBytes is not null, $"{FreeBytes} bytes free");
        Add(CancelledAtReport is not null, $"cancelled at report {CancelledAtReport}");
        Add(ClockJumpsAtReport is not null, $"clock jumps {ClockJump} at report {ClockJumpsAtReport}");
        parts.AddRange(Faults.Select(static fault =>
            $"{fault.Operation} {fault.Kind} after {fault.Skip}, {(fault.Count is { } count ? $"{count} times" : "always")}, {fault.Duration}, {fault.AfterBytes} bytes"));
        return parts.Count == 0 ? "undisturbed" : string.Join("; ", parts);

        void Add(bool applies, string part)
        {
            if (applies)
            {
                parts.Add(part);
            }
        }
    }
}
