using System.Globalization;

namespace Coriolis.Providers.Aws.Ebs;

/// <summary>Seals a snapshot after all of its blocks were written.</summary>
/// <param name="snapshotId">The snapshot.</param>
/// <param name="changedBlocksCount">How many blocks were written.</param>
/// <param name="checksum">SHA-256 over the blocks' digests in ascending order, when the service shall check it.</param>
internal sealed class CompleteSnapshotCall(string snapshotId, int changedBlocksCount, ReadOnlyMemory<byte> checksum)
    : EbsCall<CompleteSnapshotResponse>(EbsOperation.CompleteSnapshot, snapshotId)
{
    public override string Subject => $"snapshot {SnapshotId}";

    public override HttpMethod Method => HttpMethod.Post;

    public override string Path { get; } = $"/snapshots/completion/{snapshotId}";

    public override void AddHeaders(List<KeyValuePair<string, string>> headers)
    {
        headers.Add(new("x-amz-changedblockscount", changedBlocksCount.ToString(CultureInfo.InvariantCulture)));
        if (!checksum.IsEmpty)
        {
            headers.Add(new("x-amz-checksum", Convert.ToBase64String(checksum.Span)));
            headers.Add(new("x-amz-checksum-aggregation-method", "LINEAR"));
            headers.Add(new("x-amz-checksum-algorithm", EbsLimits.ChecksumAlgorithm));
        }
    }

    public override HttpContent CreateContent() => new ByteArrayContent([]);

    public override ValueTask<CompleteSnapshotResponse> ReadAsync(HttpResponseMessage response, AttemptWatch watch) =>
        EbsJsonReader.ReadAsync(this, response, EbsJsonContext.Default.CompleteSnapshotResponse, watch);
}
