using System.Runtime.CompilerServices;

namespace Coriolis.Aws.Emulator.Storage;

/// <summary>The SHA-256 of one block, held by value so that an index of a million blocks is one array.</summary>
[InlineArray(Size)]
internal struct BlockDigest
{
    public const int Size = 32;

    private byte _first;

    public static BlockDigest From(ReadOnlySpan<byte> digest)
    {
        var result = default(BlockDigest);
        digest.CopyTo(result);
        return result;
    }
}
