using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Coriolis.Aws.Emulator.Storage;

/// <summary>
/// The fixed set of pseudo-random blocks that synthetic volumes are made of, with their digests. 64 patterns are 32 MiB of memory at
/// most: enough that swapped blocks are noticed, few enough that serving a block costs one copy and no hashing.
/// </summary>
internal static class SyntheticPatterns
{
    private const int Count = 64;

    private static readonly Lazy<(byte[] Data, BlockDigest Digest)>[] s_patterns = [.. Enumerable.Range(0, Count).Select(number =>
        new Lazy<(byte[], BlockDigest)>(() => Generate(number)))];

    public static int Choose(ulong hash) => (int)(hash % Count);

    public static ReadOnlyMemory<byte> GetData(int pattern) => s_patterns[pattern].Value.Data;

    public static BlockDigest GetDigest(int pattern) => s_patterns[pattern].Value.Digest;

    private static (byte[] Data, BlockDigest Digest) Generate(int number)
    {
        var data = new byte[BlockStore.BlockSize];
        var words = MemoryMarshal.Cast<byte, ulong>(data.AsSpan());
        var state = unchecked(((ulong)number + 1) * 0x9E3779B97F4A7C15);
        for (var i = 0; i < words.Length; i++)
        {
            // xorshift64: any reproducible noise does.
            state ^= unchecked(state << 13);
            state ^= state >> 7;
            state ^= unchecked(state << 17);
            words[i] = state;
        }

        return (data, BlockDigest.From(SHA256.HashData(data)));
    }
}
