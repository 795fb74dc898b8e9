using Coriolis.Worker.Protocol;

namespace Coriolis.Worker;

/// <summary>
/// Turns the chunks of a scan into result frames: digests gathered into batches, zeros into runs, data as it is. A run never reaches over
/// the end of a range. Keeps the account of the window: a chunk was paid for before it was read.
/// </summary>
internal sealed class ScanOutput(
    ScanRequest request, uint requestId, CreditWindow window, ChunkCompressor compressor, CompressionTrial trial, SendFrame send)
{
    private const int HeadSize = FrameHeader.Size + ScanResults.DataPrefixSize;

    // Most scans are for a single chunk with its bytes and never gather digests.
    private byte[]? _digests;
    private WorkerRange _digestRun;
    private int _digestCount;
    private WorkerRange _zeroRun;
    private int _rangeIndex;
    private bool _isEnding;

    public async ValueTask AddAsync(ChunkResult chunk)
    {
        var endsRange = chunk.Range.End == request.Ranges[_rangeIndex].End;
        _isEnding = endsRange && _rangeIndex == request.Ranges.Count - 1;
        if (chunk.ErrorNumber != 0)
        {
            await FlushAsync().ConfigureAwait(false);
            await SendAsync(ScanResults.Unreadable(requestId, chunk.Range, chunk.ErrorNumber)).ConfigureAwait(false);
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
            _digests ??= new byte[ProtocolLimits.MaxDigestsPerFrame * ProtocolLimits.DigestSize];
            chunk.Digest.CopyTo(_digests, _digestCount * ProtocolLimits.DigestSize);
            _digestRun = Extend(_digestRun, chunk.Range);
            _digestCount++;
        }

        if (_digestCount == ProtocolLimits.MaxDigestsPerFrame || endsRange)
        {
            await FlushAsync().ConfigureAwait(false);
        }

        _rangeIndex += endsRange ? 1 : 0;
    }

    /// <summary>Sends what has been gathered; called when the next chunk is not there yet.</summary>
    public async ValueTask FlushAsync()
    {
        await FlushDigestsAsync().ConfigureAwait(false);
        await FlushZerosAsync().ConfigureAwait(false);
    }

    private static WorkerRange Extend(WorkerRange run, WorkerRange next) =>
        run.Length == 0 ? next : new WorkerRange(run.Offset, next.End - run.Offset);

    private async ValueTask FlushDigestsAsync()
    {
        if (_digestCount > 0)
        {
            var digests = _digests.AsSpan(0, _digestCount * ProtocolLimits.DigestSize);
            var frame = ScanResults.Digests(requestId, _digestRun, _digestCount, digests);
            _digestRun = default;
            _digestCount = 0;
            await SendAsync(frame).ConfigureAwait(false);
        }
    }

    private async ValueTask FlushZerosAsync()
    {
        if (_zeroRun.Length > 0)
        {
            var frame = ScanResults.Zeros(requestId, _zeroRun);
            _zeroRun = default;
            await SendAsync(frame).ConfigureAwait(false);
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
        await SendAsync(frame).ConfigureAwait(false);
    }

    /// <summary>The results of the last chunk leave with the end of the scan, which is sent next.</summary>
    private ValueTask SendAsync(ReadOnlyMemory<byte> frame) => send(frame, moreFollows: _isEnding);

    private void Refund(ChunkResult chunk, int cost) => window.TryGive(request.CostOfChunk(chunk.Length) - cost);
}
