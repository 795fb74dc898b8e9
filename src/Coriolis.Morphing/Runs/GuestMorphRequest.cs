namespace Coriolis.Morphing.Runs;

/// <summary>Which guest to morph, and how.</summary>
/// <remarks>Immutable; safe for concurrent use.</remarks>
public sealed record GuestMorphRequest
{
    /// <summary>The guest's disks, raw images or block devices; the one that boots first.</summary>
    public required IReadOnlyList<string> Disks { get; init; }

    /// <summary>Where the report goes; the undo archive is put beside it.</summary>
    /// <value>The default is the first disk's path with <c>.morph.json</c> appended.</value>
    public string? ReportPath { get; init; }

    /// <summary>Whether only to find out what would change. Nothing is written then, not even a journal replayed.</summary>
    /// <value>The default is <see langword="false"/>.</value>
    public bool DryRun { get; init; }

    /// <summary>The passphrase of the guest's encrypted volumes (LUKS). It is neither logged nor written anywhere.</summary>
    /// <value>The default is empty: encrypted volumes stay closed.</value>
    public ReadOnlyMemory<byte> Passphrase { get; init; }

    /// <summary>What the morphers are asked for.</summary>
    /// <value>The default asks for everything that is harmless.</value>
    public MorphRequest Morph { get; init; } = new();
}
