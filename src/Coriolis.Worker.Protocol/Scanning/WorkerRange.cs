namespace Coriolis.Worker.Protocol;

/// <summary>A half-open range of bytes of a device on the worker.</summary>
public readonly record struct WorkerRange
{
    /// <summary>Creates a range.</summary>
    /// <param name="offset">First byte; not negative.</param>
    /// <param name="length">Number of bytes; not negative.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is negative, or the end exceeds <see cref="long.MaxValue"/>.</exception>
    public WorkerRange(long offset, long length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, long.MaxValue - offset);
        Offset = offset;
        Length = length;
    }

    /// <summary>First byte.</summary>
    public long Offset { get; }

    /// <summary>Number of bytes.</summary>
    public long Length { get; }

    /// <summary>The byte after the last one.</summary>
    public long End => Offset + Length;
}
