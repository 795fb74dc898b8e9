namespace Coriolis.Providers;

/// <summary>What a destination disk holds when it is opened.</summary>
/// <remarks>Immutable; safe for concurrent use.</remarks>
public sealed record DestinationContent
{
    private DestinationContent(DestinationContentKind kind, ChunkDigest contentRoot, string reason)
    {
        Kind = kind;
        ContentRoot = contentRoot;
        Reason = reason;
    }

    /// <summary>How much is known.</summary>
    public DestinationContentKind Kind { get; }

    /// <summary>For <see cref="DestinationContentKind.Committed"/>, the root of the manifest that was committed last.</summary>
    public ChunkDigest ContentRoot { get; }

    /// <summary>How the destination knows, in one clause for people, for example <c>modified after the last commit</c>.</summary>
    public string Reason { get; }

    /// <summary>A disk that reads as zeros everywhere.</summary>
    /// <param name="reason">How the destination knows.</param>
    /// <returns>The content.</returns>
    public static DestinationContent Zeroes(string reason) => new(DestinationContentKind.Zeroes, default, reason);

    /// <summary>A disk that holds exactly what was committed last.</summary>
    /// <param name="contentRoot">The root of the manifest that was committed.</param>
    /// <returns>The content.</returns>
    public static DestinationContent Committed(ChunkDigest contentRoot) =>
        new(DestinationContentKind.Committed, contentRoot, "unchanged since the last commit");

    /// <summary>A disk of this replica whose bytes cannot be relied on.</summary>
    /// <param name="reason">Why not.</param>
    /// <returns>The content.</returns>
    public static DestinationContent Unknown(string reason) => new(DestinationContentKind.Unknown, default, reason);
}
