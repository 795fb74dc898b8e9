using Coriolis.Morphing.Runs;
using Coriolis.Providers;

namespace Coriolis.Cli;

/// <summary>What <c>morph --json</c> prints.</summary>
internal sealed record MorphDocument
{
    public required GuestOs Os { get; init; }

    public required bool IsDryRun { get; init; }

    public required IReadOnlyList<MorphReport> Morphs { get; init; }

    public required IReadOnlyList<MorphedFile> Files { get; init; }

    public required IReadOnlyList<string> Warnings { get; init; }

    /// <summary>The report to undo the morph with; absent when nothing was changed.</summary>
    public string? ReportPath { get; init; }

    public static MorphDocument From(GuestMorphResult result, bool dryRun) => new()
    {
        Os = result.Os,
        IsDryRun = dryRun,
        Morphs = result.Morphs,
        Files = result.Files,
        Warnings = result.Warnings,
        ReportPath = result.ReportPath,
    };
}
