using Coriolis.Providers;

namespace Coriolis.Cli;

/// <summary>One instance in what <c>instances --json</c> prints.</summary>
internal sealed record InstanceDocument
{
    public required string Id { get; init; }

    public required string Name { get; init; }

    public required string FlavorName { get; init; }

    public required int VCpus { get; init; }

    public required long MemoryMiB { get; init; }

    public required string OsType { get; init; }

    public required string PowerState { get; init; }

    public required string AvailabilityZone { get; init; }

    public static InstanceDocument From(InstanceSummary summary) => new()
    {
        Id = summary.Id,
        Name = summary.Name,
        FlavorName = summary.FlavorName,
        VCpus = summary.VCpus,
        MemoryMiB = summary.MemoryMiB,
        OsType = Words.Lower(summary.OsType),
        PowerState = Words.Lower(summary.PowerState),
        AvailabilityZone = summary.AvailabilityZone,
    };
}
