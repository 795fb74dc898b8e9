using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Coriolis.Providers;

/// <summary>The SHA-256 digest of one chunk.</summary>
/// <remarks>
/// The default value, <see cref="Zero"/>, stands for a chunk whose bytes are all zero, whatever its length: such chunks
/// are never hashed. Immutable; comparison is by value.
/// </remarks>
public readonly record struct ChunkDigest
{
    /// <summary>Size of a digest in bytes.</summary>
    public const int Size = SHA256.HashSizeInBytes;

    private readonly ulong _a;
    private readonly ulong _b;
    private readonly ulong _c;
    private readonly ulong _d;

    /// <summary>Creates a digest from its bytes.</summary>
    /// <param name="bytes">Exactly <see cref="Size"/> bytes.</param>
    /// <exception cref="ArgumentException">The length is wrong.</exception>
    public ChunkDigest(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length != Size)
        {
            throw new ArgumentException($"A digest has {Size} bytes, not {bytes.Length}.", nameof(bytes));
        }

        _a = BinaryPrimitives.ReadUInt64LittleEndian(bytes);
        _b = BinaryPrimitives.ReadUInt64LittleEndian(bytes[8..]);
        _c = BinaryPrimitives.ReadUInt64LittleEndian(bytes[16..]);
        _d = BinaryPrimitives.ReadUInt64LittleEndian(bytes[24..]);
    }

    /// <summary>The digest of a chunk of zeros.</summary>
    public static ChunkDigest Zero => default;

    /// <summary>Whether the chunk is all zero.</summary>
    public bool IsZero => this == default;

    /// <summary>Computes the digest of a chunk.</summary>
    /// <param name="chunk">The bytes of the chunk.</param>
    /// <returns>The digest; <see cref="Zero"/> when every byte is zero.</returns>
    public static ChunkDigest Compute(ReadOnlySpan<byte> chunk)
    {
        if (!chunk.ContainsAnyExcept((byte)0))
        {
            return Zero;
        }

        Span<byte> hash = stackalloc byte[Size];
        SHA256.HashData(chunk, hash);
        return new ChunkDigest(hash);
    }

    /// <summary>Writes the digest.</summary>
    /// <param name="destination">At least <see cref="Size"/> bytes.</param>
    public void CopyTo(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(destination, _a);
        BinaryPrimitives.WriteUInt64LittleEndian(destination[8..], _b);
        BinaryPrimitives.WriteUInt64LittleEndian(destination[16..], _c);
        BinaryPrimitives.WriteUInt64LittleEndian(destination[24..], _d);
    }

    /// <summary>The digest in lower-case hexadecimal.</summary>
    /// <returns>64 characters.</returns>
    public override string ToString()
    {
        Span<byte> bytes = stackalloc byte[Size];
        CopyTo(bytes);
        return Convert.ToHexStringLower(bytes);
    }
}
