namespace Coriolis.Aws.Emulator.Faults;

/// <summary>One rule of a fault file: a <see cref="FaultRule"/> whose duration is in seconds.</summary>
internal sealed record FaultFileRule
{
    public required string Operation { get; init; }

    public required FaultKind Kind { get; init; }

    public string? ResourceId { get; init; }

    public int? Skip { get; init; }

    public int? Count { get; init; }

    public double? DurationSeconds { get; init; }

    public long? AfterBytes { get; init; }

    public long? BytesPerSecond { get; init; }

    public int? Status { get; init; }

    public string? Code { get; init; }

    public string? Reason { get; init; }

    public FaultRule ToRule()
    {
        var rule = new FaultRule { Operation = Operation, Kind = Kind, ResourceId = ResourceId, Count = Count, Code = Code, Reason = Reason };
        return rule with
        {
            Skip = Skip ?? rule.Skip,
            AfterBytes = AfterBytes ?? rule.AfterBytes,
            BytesPerSecond = BytesPerSecond ?? rule.BytesPerSecond,
            Status = Status ?? rule.Status,
            Duration = DurationSeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : rule.Duration,
        };
    }
}
