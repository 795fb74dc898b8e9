namespace Coriolis.Aws.Emulator.State;

/// <summary>The latest ModifyVolume of a volume: what it was before. What it is now the volume itself says.</summary>
internal sealed record VolumeModification
{
    public required DateTimeOffset StartTime { get; init; }

    public required DateTimeOffset EndTime { get; init; }

    public required int OriginalSizeGiB { get; init; }

    public required string OriginalType { get; init; }

    public int? OriginalIops { get; init; }

    public int? OriginalThroughput { get; init; }

    public bool OriginalMultiAttach { get; init; }
}
