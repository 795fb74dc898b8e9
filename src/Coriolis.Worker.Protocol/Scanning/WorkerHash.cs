namespace Coriolis.Worker.Protocol;

/// <summary>How the agent computes chunk digests.</summary>
public enum WorkerHash
{
    /// <summary>SHA-256, the digest of manifests.</summary>
    Sha256 = 1,

    /// <summary>
    /// XXH3 with 128 bits in the canonical order, followed by 16 zero bytes. Eight times faster, but two chunks that somebody made
    /// to collide look the same. The client cannot check it: it trusts the transport.
    /// </summary>
    XxHash3 = 2,
}
