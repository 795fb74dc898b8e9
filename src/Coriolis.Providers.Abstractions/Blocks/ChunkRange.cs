namespace Coriolis.Providers;

/// <summary>A half-open range of bytes of a disk: it includes <see cref="Offset"/> and excludes <see cref="End"/>.</summary>
/// <remarks>The default value is an empty data range at offset 0.</remarks>
public readonly record struct ChunkRange
{
    /// <summary>The chunk size in bytes unless configured otherwise: the block size of the EBS direct APIs.</summary>
    public const int DefaultChunkSize = 512 * 1024;

    /// <summary>Creates a range.</summary>
    /// <param name="offset">First byte; not negative.</param>
    /// <param name="length">Number of bytes; not negative.</param>
    /// <param name="kind">What is known about the bytes.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is negative, or the end exceeds <see cref="long.MaxValue"/>.</exception>
    public ChunkRange(long offset, long length, ChunkKind kind = ChunkKind.Data)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, long.MaxValue - offset);
        Offset = offset;
        Length = length;
        Kind = kind;
    }

    /// <summary>First byte of the range.</summary>
    public long Offset { get; }

    /// <summary>Number of bytes in the range.</summary>
    public long Length { get; }

    /// <summary>The byte after the last one of the range.</summary>
    public long End => Offset + Length;

    /// <summary>What is known about the bytes.</summary>
    public ChunkKind Kind { get; }
}
