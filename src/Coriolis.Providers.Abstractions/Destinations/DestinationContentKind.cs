namespace Coriolis.Providers;

/// <summary>How much is known about what a destination disk holds.</summary>
public enum DestinationContentKind
{
    /// <summary>Nothing can be relied on: an execution was interrupted, or somebody else wrote. Verify or copy in full.</summary>
    Unknown = 0,

    /// <summary>All zeros: a zero chunk need not be written.</summary>
    Zeroes,

    /// <summary>Exactly what the last commit wrote.</summary>
    Committed,
}
