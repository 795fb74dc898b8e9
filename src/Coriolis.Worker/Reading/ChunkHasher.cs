using System.IO.Hashing;
using System.Security.Cryptography;

namespace Coriolis.Worker;

/// <summary>Computes one digest after the other. Not safe for concurrent use.</summary>
internal sealed class ChunkHasher(HashKind kind) : IDisposable
{
    private static readonly byte[] s_zeros = new byte[64 * 1024];

    private readonly IncrementalHash? _sha256 = kind == HashKind.Sha256 ? IncrementalHash.CreateHash(HashAlgorithmName.SHA256) : null;
    private readonly NonCryptographicHashAlgorithm? _fast = kind switch
    {
        HashKind.XxHash3 => new XxHash128(),
        HashKind.XxHash64 => new XxHash64(),
        _ => null,
    };

    public static int SizeOf(HashKind kind) => kind switch
    {
        HashKind.Sha256 => 32,
        HashKind.XxHash3 => 16,
        HashKind.XxHash64 => 8,
        _ => 0,
    };

    public void Append(ReadOnlySpan<byte> bytes)
    {
        _sha256?.AppendData(bytes);
        _fast?.Append(bytes);
    }

    public void AppendZeros(long count)
    {
        for (var left = count; left > 0; left -= s_zeros.Length)
        {
            Append(s_zeros.AsSpan(0, (int)Math.Min(left, s_zeros.Length)));
        }
    }

    /// <summary>Writes the digest and starts anew; what the digest leaves of the destination stays.</summary>
    public void Finish(Span<byte> destination)
    {
        _sha256?.GetHashAndReset(destination);
        _fast?.GetHashAndReset(destination);
    }

    public void Dispose() => _sha256?.Dispose();
}
