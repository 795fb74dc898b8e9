namespace Coriolis.Morphing.Runs;

/// <summary>What a morph run found and changed, or in a dry run would change.</summary>
/// <remarks>Immutable; safe for concurrent use.</remarks>
public sealed record GuestMorphResult
{
    /// <summary>The guest's operating system.</summary>
    public required GuestOs Os { get; init; }

    /// <summary>What each morpher did, those that had something to do.</summary>
    public required IReadOnlyList<MorphReport> Morphs { get; init; }

    /// <summary>Every entry of the guest's file systems that differs; empty when the guest needed no change.</summary>
    public required IReadOnlyList<MorphedFile> Files { get; init; }

    /// <summary>What a person should look at, as sentences.</summary>
    public required IReadOnlyList<string> Warnings { get; init; }

    /// <summary>The report that undoes the run; <see langword="null"/> when nothing was changed.</summary>
    public string? ReportPath { get; init; }
}
