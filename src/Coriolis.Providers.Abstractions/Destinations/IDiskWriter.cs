namespace Coriolis.Providers;

/// <summary>Writes one disk of a replica.</summary>
/// <remarks>
/// Commit or abort: disposed without a successful <see cref="CommitAsync"/>, the disk counts as dirty and the next
/// opening says so. The first write marks the disk as dirty, durably, before it changes a byte. Thread safety: reads
/// and writes of ranges that do not overlap may run concurrently, up to <see cref="WriterCapabilities.MaxConcurrency"/>;
/// <see cref="CommitAsync"/> and disposal must not overlap with anything.
/// </remarks>
public interface IDiskWriter : IAsyncDisposable
{
    /// <summary>What this destination can do.</summary>
    WriterCapabilities Capabilities { get; }

    /// <summary>What the disk held when it was opened.</summary>
    DestinationContent Content { get; }

    /// <summary>Writes bytes. Ranges may come in any order, and the same range more than once.</summary>
    /// <param name="offset">First byte, a multiple of <see cref="WriterCapabilities.Alignment"/>.</param>
    /// <param name="data">The bytes. Not used after the returned task completes.</param>
    /// <param name="cancellationToken">Cancels the write; the range then has undefined contents.</param>
    /// <returns>A task that completes when the destination has accepted the bytes.</returns>
    /// <exception cref="DestinationException">The bytes could not be written, for example because the disk is full.</exception>
    ValueTask WriteAsync(long offset, ReadOnlyMemory<byte> data, CancellationToken cancellationToken = default);

    /// <summary>Makes a range read as zeros, whatever it held before.</summary>
    /// <param name="offset">First byte, a multiple of <see cref="WriterCapabilities.Alignment"/>.</param>
    /// <param name="length">Number of bytes; may be as long as the disk.</param>
    /// <param name="cancellationToken">Cancels the operation; the range then has undefined contents.</param>
    /// <returns>A task that completes when the destination has accepted the operation.</returns>
    /// <exception cref="DestinationException">The zeros could not be written.</exception>
    ValueTask WriteZeroesAsync(long offset, long length, CancellationToken cancellationToken = default);

    /// <summary>Reads back what the disk holds, including writes of this session.</summary>
    /// <param name="offset">First byte, a multiple of <see cref="WriterCapabilities.Alignment"/>.</param>
    /// <param name="destination">Filled completely.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    /// <returns>A task that completes when the buffer is filled.</returns>
    /// <exception cref="NotSupportedException"><see cref="WriterCapabilities.CanReadBack"/> is <see langword="false"/>.</exception>
    /// <exception cref="DestinationException">The bytes could not be read.</exception>
    ValueTask ReadAsync(long offset, Memory<byte> destination, CancellationToken cancellationToken = default);

    /// <summary>Makes durable what was written before the call. The disk stays dirty.</summary>
    /// <remarks>May run concurrently with reads and writes; those that have not returned yet need not be covered.</remarks>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>A task that completes when the bytes would survive a power failure.</returns>
    /// <exception cref="NotSupportedException"><see cref="WriterCapabilities.CanFlush"/> is <see langword="false"/>.</exception>
    /// <exception cref="DestinationException">The bytes could not be made durable.</exception>
    Task FlushAsync(CancellationToken cancellationToken = default) => throw new NotSupportedException("This destination cannot flush.");

    /// <summary>Makes everything written durable, then records durably that the disk now equals the manifest.</summary>
    /// <param name="manifest">What the disk holds.</param>
    /// <param name="cancellationToken">Cancels the commit; the disk is then still dirty or already committed.</param>
    /// <returns>A task that completes when both would survive a power failure.</returns>
    /// <exception cref="DestinationException">The data or the record could not be made durable.</exception>
    Task CommitAsync(IDiskManifest manifest, CancellationToken cancellationToken = default);
}
