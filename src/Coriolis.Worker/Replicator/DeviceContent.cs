using System.IO.Compression;
using Coriolis.Worker.Protocol;

namespace Coriolis.Worker;

/// <summary>The bytes of a device, whole or a range of them.</summary>
internal sealed class DeviceContent(Disk disk, Agent agent)
{
    private const string BinaryType = "application/octet-stream";
    private const int SampleSize = 64 * 1024;

    public async Task SendAsync(HttpRequest request, HttpResponse response, CancellationToken cancellationToken)
    {
        var range = request.IsHead ? null : ByteRange.Parse(request.Headers.GetValueOrDefault("Range"), disk.SizeBytes);
        var (offset, length) = range is { } asked ? (asked.Offset, asked.Length) : (0, disk.SizeBytes);
        var status = range is null ? 200 : 206;
        List<string> headers = ["Accept-Ranges: bytes"];
        if (range is not null)
        {
            headers.Add($"Content-Range: bytes {offset}-{offset + length - 1}/{disk.SizeBytes}");
        }

        if (request.IsHead)
        {
            await response.StartAsync(status, BinaryType, length, headers, cancellationToken).ConfigureAwait(false);
            return;
        }

        using var file = DiskFile.Open(disk);
        var pieces = ChunkPipeline.Cut([new WorkerRange(offset, length)], ProtocolLimits.MaxDataChunkSize);
        var results = agent.Pipeline.ReadAsync(
                file, pieces, HashKind.None, keepData: true, ChunkPipeline.BodyDepth, beforeRead: null, cancellationToken)
            .GetAsyncEnumerator(cancellationToken);
        await using var _ = results.ConfigureAwait(false);

        // The first piece is read before the head is sent: a disk that cannot be read is then an error and not a torn body.
        await results.MoveNextAsync().ConfigureAwait(false);
        EnsureReadable(results.Current);
        if (request.AcceptsGzip && Shrinks(results.Current))
        {
            await response.StreamAsync(status, BinaryType, gzip: true, headers, body => CopyAsync(results, body, cancellationToken), cancellationToken)
                .ConfigureAwait(false);
        }
        else
        {
            var body = await response.StartAsync(status, BinaryType, length, headers, cancellationToken).ConfigureAwait(false);
            await CopyAsync(results, body, cancellationToken).ConfigureAwait(false);
            await body.FlushAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task CopyAsync(IAsyncEnumerator<ChunkResult> pieces, Stream body, CancellationToken cancellationToken)
    {
        var zeros = new byte[SampleSize];
        do
        {
            var piece = pieces.Current;
            EnsureReadable(piece);
            if (!piece.IsZero)
            {
                await body.WriteAsync(piece.Data, cancellationToken).ConfigureAwait(false);
                continue;
            }

            for (var left = piece.Length; left > 0; left -= Math.Min(left, zeros.Length))
            {
                await body.WriteAsync(zeros.AsMemory(0, Math.Min(left, zeros.Length)), cancellationToken).ConfigureAwait(false);
            }
        }
        while (await pieces.MoveNextAsync().ConfigureAwait(false));
    }

    private void EnsureReadable(ChunkResult piece)
    {
        if (piece.ErrorNumber != 0)
        {
            throw new HttpFaultException(500, new WorkerReadException(disk.Name, piece.Range, piece.ErrorNumber).Message);
        }
    }

    /// <summary>Tries a sample: packing what does not shrink would only take time from both sides.</summary>
    private static bool Shrinks(ChunkResult piece)
    {
        if (piece.IsZero)
        {
            return true;
        }

        var sample = piece.Data[..Math.Min(piece.Length, SampleSize)];
        using var packed = new MemoryStream();
        using (var packer = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            packer.Write(sample.Span);
        }

        return packed.Length < sample.Length / 10 * 9;
    }
}
