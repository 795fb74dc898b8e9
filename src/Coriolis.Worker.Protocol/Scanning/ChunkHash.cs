using System.Security.Cryptography;

namespace Coriolis.Worker.Protocol;

/// <summary>The digest of a chunk as manifests have it: SHA-256, or 32 zero bytes for a chunk that is all zero.</summary>
internal static class ChunkHash
{
    public static bool IsZero(ReadOnlySpan<byte> chunk) => !chunk.ContainsAnyExcept((byte)0);

    public static void Compute(ReadOnlySpan<byte> chunk, Span<byte> digest)
    {
        if (IsZero(chunk))
        {
            digest[..ProtocolLimits.DigestSize].Clear();
        }
        else
        {
            SHA256.HashData(chunk, digest);
        }
    }
}
