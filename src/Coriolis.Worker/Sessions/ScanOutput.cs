using Coriolis.Worker.Protocol;

namespace Coriolis.Worker;

/// <summary>
/// Turns the chunks of a scan into result frames: digests gathered into batches, zeros into runs, data as it is. A run never reaches over
/// the end of a range. Keeps the account of the window: a chunk was paid for before it was read.
/// </summary>
internal sealed class ScanOutput(
    ScanRequest request, uint requestId, CreditWindow window, ChunkCompressor compressor, CompressionTrial trial, Func<ReadOnlyMemory<byte>, ValueTask> send)
{
    private const int HeadSize = FrameHeader.Size + ScanResults.DataPrefixSize;

    private readonly byte[] _digests = new byte[ProtocolLimits.MaxDigestsPerFrame * ProtocolLimits.DigestSize];
    private WorkerRange _digestRun;
    private int _digestCount;
    private WorkerRange _zeroRun;
    private int _rangeIndex;

    public async ValueTask AddAsync(ChunkResult chunk)
    {
        if (chunk.ErrorNumber != 0)
        {
            await FlushAsync().ConfigureAwait(false);
            await send(ScanResults.Unreadable(requestId, chunk.Range, chunk.ErrorNumber)).ConfigureAwait(false);
            Refund(chunk, ProtocolLimits.ResultCost);
        }
        else if (chunk.IsZero)
        {
            await FlushDigestsAsync().ConfigureAwait(false);
            Refund(chunk, _zeroRun.Length == 0 ? ProtocolLimits.ResultCost : 0);
            _zeroRun = Extend(_zeroRun, chunk.Range);
        }
        else if (request.IncludeData)
        {
            await FlushAsync().ConfigureAwait(false);
            await SendDataAsync(chunk).ConfigureAwait(false);
        }
        else
        {
            await FlushZerosAsync().ConfigureAwait(false);
            chunk.Digest.CopyTo(_digests, _digestCount * ProtocolLimits.DigestSize);
            _digestRun = Extend(_digestRun, chunk.Range);
            _digestCount++;
        }

        if (_digestCount == ProtocolLimits.MaxDigestsPerFrame || EndsRange(chunk.Range))
        {
            await FlushAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Sends what has been gathered; called when the next chunk is not there yet.</summary>
    public async ValueTask FlushAsync()
    {
        await FlushDigestsAsync().ConfigureAwait(false);
        await FlushZerosAsync().ConfigureAwait(false);
    }

    private static WorkerRange Extend(WorkerRange run, WorkerRange next) =>
        run.Length == 0 ? next : new WorkerRange(run.Offset, next.End - run.Offset);

    private bool EndsRange(WorkerRange chunk)
    {
        if (chunk.End != request.Ranges[_rangeIndex].End)
        {
            return false;
        }

        _rangeIndex++;
        return true;
    }

    private async ValueTask FlushDigestsAsync()
    {
        if (_digestCount > 0)
        {
            var digests = _digests.AsSpan(0, _digestCount * ProtocolLimits.DigestSize);
            var frame = ScanResults.Digests(requestId, _digestRun, _digestCount, digests);
            _digestRun = default;
            _digestCount = 0;
            await send(frame).ConfigureAwait(false);
        }
    }

    private async ValueTask FlushZerosAsync()
    {
        if (_zeroRun.Length > 0)
        {
            var frame = ScanResults.Zeros(requestId, _zeroRun);
            _zeroRun = default;
            await send(frame).ConfigureAwait(false);
        }
    }

    private async ValueTask SendDataAsync(ChunkResult chunk)
    {
        var compressedLength = request.AllowCompression ? compressor.TryCompress(chunk, trial) : null;
        if (compressedLength is { } cost)
        {
            Refund(chunk, ProtocolLimits.ResultCost + cost);
        }

        var (encoding, length) = compressedLength is { } shorter ? (ScanResults.Zstd, shorter) : (ScanResults.Raw, chunk.Length);
        var frame = chunk.Buffer!.Slice(chunk.DataOffset - HeadSize, HeadSize + length);
        ScanResults.WriteDataHead(frame.Span, requestId, chunk.Range.Offset, chunk.Length, encoding, length, chunk.Digest);
        await send(frame).ConfigureAwait(false);
    }

    private void Refund(ChunkResult chunk, int cost) => window.TryGive(request.CostOfChunk(chunk.Length) - cost);
}
