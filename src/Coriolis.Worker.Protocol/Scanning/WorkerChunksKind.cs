namespace Coriolis.Worker.Protocol;

/// <summary>What is known about a run of chunks.</summary>
public enum WorkerChunksKind
{
    /// <summary>One digest for each chunk; none of them is all zero.</summary>
    Digests = 0,

    /// <summary>All chunks of the run read as zeros.</summary>
    Zeros,

    /// <summary>One chunk with its digest and its bytes.</summary>
    Data,

    /// <summary>The device could not be read there.</summary>
    Unreadable,
}
