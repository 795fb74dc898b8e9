namespace Coriolis.Worker.Protocol;

/// <summary>How the agent computes chunk digests.</summary>
public enum WorkerHash
{
    /// <summary>SHA-256, the digest of manifests.</summary>
    Sha256 = 1,

    /// <summary>
    /// XXH3 with 128 bits in the canonical order, followed by 16 zero bytes. Many times faster: enough to find bytes that were damaged on their way
    /// inside TLS, which keeps out whoever would make two chunks that collide, but no digest to remember a chunk by.
    /// </summary>
    XxHash3 = 2,
}
