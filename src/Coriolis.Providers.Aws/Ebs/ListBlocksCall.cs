using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Coriolis.Providers.Aws.Ebs;

/// <summary>Reads one page of a snapshot's blocks, or of the changes since another snapshot.</summary>
internal sealed class ListBlocksCall : EbsCall<BlockPage>
{
    private readonly string? _firstSnapshotId;
    private readonly int _maxResults;

    public ListBlocksCall(ListSnapshotBlocksRequest request)
        : base(EbsOperation.ListSnapshotBlocks, request.SnapshotId)
    {
        _maxResults = request.MaxResults;
        Path = $"/snapshots/{request.SnapshotId}/blocks";
        Query = BuildQuery(request.NextToken, request.StartingBlockIndex);
        FreshUntil = request.FreshUntil;
    }

    public ListBlocksCall(ListChangedBlocksRequest request)
        : base(EbsOperation.ListChangedBlocks, request.SecondSnapshotId)
    {
        _firstSnapshotId = request.FirstSnapshotId;
        _maxResults = request.MaxResults;
        Path = $"/snapshots/{request.SecondSnapshotId}/changedblocks";
        Query = BuildQuery(request.NextToken, request.StartingBlockIndex);
        FreshUntil = request.FreshUntil;
    }

    public override string Subject => _firstSnapshotId is null ? $"snapshot {SnapshotId}" : $"snapshot {SnapshotId} since {_firstSnapshotId}";

    public override string Path { get; }

    public override string Query { get; }

    // The older snapshot is never fresh: when it is missing it is gone.
    public override bool MayNotBeVisibleYet(EbsException exception) =>
        base.MayNotBeVisibleYet(exception)
        && (_firstSnapshotId is null || exception.ServiceMessage?.Contains(_firstSnapshotId, StringComparison.Ordinal) != true);

    public override async ValueTask<BlockPage> ReadAsync(HttpResponseMessage response, AttemptWatch watch)
    {
        var stream = await response.Content.ReadAsStreamAsync(watch.Token).ConfigureAwait(false);
        var buffer = BlockPageBuffers.Pool.Rent((int)Math.Min(response.Content.Headers.ContentLength + 1 ?? 64 * 1024, BlockPageBuffers.MaxLength));
        try
        {
            var length = 0;
            while (true)
            {
                if (length == buffer.Length)
                {
                    buffer = Grow(buffer, response);
                }

                var read = await stream.ReadAsync(buffer.AsMemory(length), watch.Token).ConfigureAwait(false);
                if (read == 0)
                {
                    break;
                }

                length += read;
                watch.OnProgress(read);
            }

            return Parse(buffer.AsSpan(0, length), response);
        }
        finally
        {
            BlockPageBuffers.Pool.Return(buffer);
        }
    }

    private byte[] Grow(byte[] buffer, HttpResponseMessage response)
    {
        if (buffer.Length >= BlockPageBuffers.MaxLength)
        {
            throw Bad(response, $"the list is longer than {BlockPageBuffers.MaxLength} bytes", null);
        }

        var larger = BlockPageBuffers.Pool.Rent(buffer.Length * 2);
        buffer.CopyTo(larger, 0);
        BlockPageBuffers.Pool.Return(buffer);
        return larger;
    }

    private BlockPage Parse(ReadOnlySpan<byte> body, HttpResponseMessage response)
    {
        try
        {
            return BlockPageParser.Parse(body, _firstSnapshotId is not null, _maxResults);
        }
        catch (JsonException exception)
        {
            throw Bad(response, $"the list cannot be read: {exception.Message}", exception);
        }
    }

    private EbsException Bad(HttpResponseMessage response, string cause, Exception? inner) => new(EbsErrorReader.Describe(this, cause), inner)
    {
        Operation = Operation,
        SnapshotId = SnapshotId,
        Code = EbsException.BadResponse,
        ServiceMessage = cause,
        Status = response.StatusCode,
        RequestId = EbsTransport.GetRequestId(response),
    };

    private string BuildQuery(string? nextToken, int startingBlockIndex)
    {
        var query = new StringBuilder(320);
        if (_firstSnapshotId is not null)
        {
            query.Append("firstSnapshotId=").Append(_firstSnapshotId).Append('&');
        }

        query.Append(CultureInfo.InvariantCulture, $"maxResults={_maxResults}");
        if (nextToken is not null)
        {
            query.Append("&pageToken=").Append(Uri.EscapeDataString(nextToken));
        }
        else if (startingBlockIndex > 0)
        {
            query.Append(CultureInfo.InvariantCulture, $"&startingBlockIndex={startingBlockIndex}");
        }

        return query.ToString();
    }
}
