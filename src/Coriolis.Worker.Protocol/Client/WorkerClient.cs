using System.Runtime.CompilerServices;

namespace Coriolis.Worker.Protocol;

/// <summary>Reads the disks of a worker through its agent.</summary>
/// <remarks>
/// Thread safety: all members may be called concurrently; requests are spread over a few connections and run side by side on each. A lost
/// connection is opened anew and the request goes on where it stood, also when the agent was restarted in between. Memory is
/// bounded by the windows of the requests that are running.
/// </remarks>
public sealed class WorkerClient : IAsyncDisposable
{
    private readonly ConnectionSlot[] _slots;
    private readonly WorkerClientOptions _options;
    private uint _turn;

    /// <summary>Creates a client; nothing is opened before the first request.</summary>
    /// <param name="connect">Opens an authenticated stream to the agent, see <see cref="WorkerTls"/>. The client owns what it returns.</param>
    /// <param name="options">How to talk; <see langword="null"/> for the defaults.</param>
    /// <exception cref="ArgumentOutOfRangeException">The number of connections is not 1 to 16.</exception>
    public WorkerClient(Func<CancellationToken, Task<Stream>> connect, WorkerClientOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(connect);
        _options = options ?? new WorkerClientOptions();
        ArgumentOutOfRangeException.ThrowIfLessThan(_options.Connections, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(_options.Connections, 16);
        _slots = [.. Enumerable.Range(0, _options.Connections).Select(_ => new ConnectionSlot(connect, _options))];
    }

    /// <summary>Lists the disks of the worker as they are now.</summary>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <returns>The disks, in the order of their names.</returns>
    /// <exception cref="IOException">The agent cannot be reached.</exception>
    public Task<IReadOnlyList<WorkerDevice>> ListDevicesAsync(CancellationToken cancellationToken = default) =>
        AskAsync((connection, token) => connection.ListDevicesAsync(token), cancellationToken);

    /// <summary>Asks the agent how it is.</summary>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <returns>Its counters and memory.</returns>
    /// <exception cref="IOException">The agent cannot be reached.</exception>
    public Task<WorkerHealth> GetHealthAsync(CancellationToken cancellationToken = default) =>
        AskAsync((connection, token) => connection.GetHealthAsync(token), cancellationToken);

    /// <summary>Reads ranges of a device and streams what is found, in the order of the ranges, each chunk once.</summary>
    /// <remarks>The agent reads ahead no further than the window; a caller that stops enumerating stops the disk.</remarks>
    /// <param name="scan">What to read.</param>
    /// <param name="cancellationToken">Cancels the scan on both sides.</param>
    /// <returns>Runs of chunks; each is valid until the next one is asked for.</returns>
    /// <exception cref="ArgumentException">The scan is out of bounds.</exception>
    /// <exception cref="WorkerRequestException">The agent refused, for example because the device has changed.</exception>
    /// <exception cref="WorkerProtocolException">What the agent sent is not what was asked for, or fails its digest.</exception>
    /// <exception cref="IOException">The agent cannot be reached any more.</exception>
    public async IAsyncEnumerable<WorkerChunks> ScanAsync(
        WorkerScan scan, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(scan);
        var request = ToRequest(scan);
        foreach (var ranges in request.Ranges.Chunk(ProtocolLimits.MaxRangesPerScan))
        {
            var runs = ScanBatchAsync(request with { Ranges = ranges }, destination: default, cancellationToken);
            await foreach (var run in runs.ConfigureAwait(false))
            {
                yield return run;
            }
        }
    }

    /// <summary>Fills a buffer from a device.</summary>
    /// <remarks>
    /// The bytes are verified against a fast digest of the agent's, XXH3, and their SHA-256 is computed here, of what was received: so each side
    /// hashes once, and a worker, which may be small and serves many disks, has the cheaper part.
    /// </remarks>
    /// <param name="device">The device, as listed.</param>
    /// <param name="offset">First byte; multiples of 4096 are fastest.</param>
    /// <param name="destination">Where the bytes go; at most 1 MiB. Owned by the caller, untouched once the task has completed; its content is undefined after a failure.</param>
    /// <param name="digest">32 bytes that receive the SHA-256 of the bytes, or zeros when all of them are zero.</param>
    /// <param name="cancellationToken">Cancels the read on both sides.</param>
    /// <returns>A task that completes when both buffers are filled and the bytes verified.</returns>
    /// <exception cref="ArgumentException">A buffer or the range is out of bounds.</exception>
    /// <exception cref="WorkerReadException">The device cannot be read there.</exception>
    /// <exception cref="WorkerRequestException">The agent refused, for example because the device has changed.</exception>
    /// <exception cref="WorkerProtocolException">What the agent sent is not what was asked for, or fails its digest.</exception>
    /// <exception cref="IOException">The agent cannot be reached any more.</exception>
    public async ValueTask ReadAsync(
        WorkerDevice device, long offset, Memory<byte> destination, Memory<byte> digest, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(device);
        ArgumentOutOfRangeException.ThrowIfNotEqual(digest.Length, ProtocolLimits.DigestSize);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(destination.Length, ProtocolLimits.MaxDataChunkSize);
        var range = new WorkerRange(offset, destination.Length);
        var chunkSize = checked(destination.Length + ProtocolLimits.MinChunkSize - 1) & -ProtocolLimits.MinChunkSize;
        var scan = new WorkerScan
        {
            Device = device,
            Ranges = [range],
            ChunkSize = chunkSize,
            IncludeData = true,
            AllowCompression = _options.AllowCompression,
            Hash = WorkerHash.XxHash3,
            WindowBytes = chunkSize + ProtocolLimits.ResultCost,
        };
        await foreach (var run in ScanBatchAsync(ToRequest(scan), destination, cancellationToken).ConfigureAwait(false))
        {
            switch (run.Kind)
            {
                case WorkerChunksKind.Data:
                    CopyUnlessSame(run.Data, destination);
                    ChunkHash.Compute(destination.Span, digest.Span);
                    break;
                case WorkerChunksKind.Zeros:
                    destination.Span.Clear();
                    digest.Span.Clear();
                    break;
                default:
                    throw new WorkerReadException(device.Name, run.Range, run.ErrorNumber);
            }
        }
    }

    /// <summary>Closes the connections; requests that are running fail.</summary>
    /// <returns>A task that completes when all are closed.</returns>
    public async ValueTask DisposeAsync()
    {
        foreach (var slot in _slots)
        {
            await slot.DisposeAsync().ConfigureAwait(false);
        }
    }

    private static ScanRequest ToRequest(WorkerScan scan)
    {
        var request = new ScanRequest(
            scan.Device.Name,
            scan.Device.SizeBytes,
            scan.WindowBytes,
            scan.ChunkSize,
            scan.Hash,
            scan.IncludeData,
            scan.AllowCompression,
            scan.EffectiveRanges);
        return request.FindFault() is { } fault ? throw new ArgumentException(fault, nameof(scan)) : request;
    }

    /// <summary>Bytes that came as they are were received where they belong; those that came compressed are elsewhere.</summary>
    private static void CopyUnlessSame(ReadOnlyMemory<byte> data, Memory<byte> destination)
    {
        if (!data.Equals(destination))
        {
            data.CopyTo(destination);
        }
    }

    private async IAsyncEnumerable<WorkerChunks> ScanBatchAsync(
        ScanRequest request, Memory<byte> destination, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var stall = new StallClock(_options);
        var slot = NextSlot();
        var cursor = new ScanCursor(request.Ranges, request.ChunkSize);
        while (!cursor.IsAtEnd)
        {
            var connection = await slot.GetAsync(stall, cancellationToken).ConfigureAwait(false);
            var runs = connection.ScanAsync(request with { Ranges = cursor.Remaining }, cursor, destination, cancellationToken)
                .GetAsyncEnumerator(cancellationToken);
            await using var _ = runs.ConfigureAwait(false);
            while (await TryMoveAsync(runs, stall).ConfigureAwait(false))
            {
                stall.Progress();
                yield return runs.Current;
            }
        }
    }

    private static async ValueTask<bool> TryMoveAsync(IAsyncEnumerator<WorkerChunks> runs, StallClock stall)
    {
        try
        {
            return await runs.MoveNextAsync().ConfigureAwait(false);
        }
        catch (Exception exception) when (StallClock.IsTransient(exception) && !stall.IsOver)
        {
            return false;
        }
    }

    private async Task<T> AskAsync<T>(Func<WorkerConnection, CancellationToken, Task<T>> ask, CancellationToken cancellationToken)
    {
        var stall = new StallClock(_options);
        var slot = NextSlot();
        while (true)
        {
            var connection = await slot.GetAsync(stall, cancellationToken).ConfigureAwait(false);
            try
            {
                return await ask(connection, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception exception) when (StallClock.IsTransient(exception) && !stall.IsOver)
            {
                // The connection broke under the question; it is asked again on a new one.
            }
        }
    }

    private ConnectionSlot NextSlot() => _slots[unchecked(Interlocked.Increment(ref _turn)) % (uint)_slots.Length];
}
