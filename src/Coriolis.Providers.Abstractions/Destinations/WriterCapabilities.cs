namespace Coriolis.Providers;

/// <summary>What a destination can do, so that the engine need not guess.</summary>
/// <remarks>Immutable; safe for concurrent use.</remarks>
public sealed record WriterCapabilities
{
    /// <summary>Offsets and lengths must be multiples of this many bytes, except at the end of the disk.</summary>
    /// <value>The default is 1.</value>
    public int Alignment { get; init; } = 1;

    /// <summary>How many calls may be in flight at once on one disk.</summary>
    /// <value>The default is 16.</value>
    public int MaxConcurrency { get; init; } = 16;

    /// <summary>Whether <see cref="IDiskWriter.ReadAsync"/> works. Without it a replica cannot be verified.</summary>
    /// <value>The default is <see langword="false"/>.</value>
    public bool CanReadBack { get; init; }

    /// <summary>Whether <see cref="IDiskWriter.FlushAsync"/> works. Without it a disk that was interrupted begins again.</summary>
    /// <value>The default is <see langword="false"/>.</value>
    public bool CanFlush { get; init; }
}
