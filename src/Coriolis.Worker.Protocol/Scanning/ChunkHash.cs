using System.IO.Hashing;
using System.Security.Cryptography;

namespace Coriolis.Worker.Protocol;

/// <summary>The digest of a chunk, 32 bytes whatever the function; all zero for a chunk that is all zero.</summary>
internal static class ChunkHash
{
    public static bool IsZero(ReadOnlySpan<byte> chunk) => !chunk.ContainsAnyExcept((byte)0);

    /// <summary>Computes the digest that manifests have.</summary>
    public static void Compute(ReadOnlySpan<byte> chunk, Span<byte> digest) => Compute(WorkerHash.Sha256, chunk, digest);

    public static void Compute(WorkerHash hash, ReadOnlySpan<byte> chunk, Span<byte> digest)
    {
        digest[..ProtocolLimits.DigestSize].Clear();
        if (IsZero(chunk))
        {
            return;
        }

        if (hash == WorkerHash.XxHash3)
        {
            XxHash128.Hash(chunk, digest);
        }
        else
        {
            SHA256.HashData(chunk, digest);
        }
    }
}
