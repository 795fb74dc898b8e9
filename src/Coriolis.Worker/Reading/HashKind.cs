namespace Coriolis.Worker;

/// <summary>The digests that the agent can compute.</summary>
internal enum HashKind
{
    None = 0,
    Sha256,
    XxHash3,

    /// <summary>What the existing replicator calls <c>xxhash</c>: 64 bits, as its language's usual library computes them.</summary>
    XxHash64,
}
