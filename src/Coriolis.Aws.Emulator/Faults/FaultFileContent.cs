namespace Coriolis.Aws.Emulator.Faults;

/// <summary>The content of a fault file.</summary>
internal sealed record FaultFileContent
{
    public required IReadOnlyList<FaultFileRule> Rules { get; init; }
}
