namespace Coriolis.Morphing.Runs;

/// <summary>How to morph a guest that somebody else has mounted.</summary>
/// <remarks>Immutable; safe for concurrent use.</remarks>
public sealed record MountedGuestMorphRequest
{
    /// <summary>Where the report goes on this machine; the undo archive is put beside it.</summary>
    public required string ReportPath { get; init; }

    /// <summary>Whether only to find out what would change. Neither the guest nor the report is written then.</summary>
    /// <value>The default is <see langword="false"/>.</value>
    public bool DryRun { get; init; }

    /// <summary>What the morphers are asked for.</summary>
    /// <value>The default asks for everything that is harmless.</value>
    public MorphRequest Morph { get; init; } = new();
}
