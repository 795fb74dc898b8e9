using System.Globalization;
using System.Security.Cryptography;
using Amazon.Runtime.Internal.Auth;

namespace Coriolis.Providers.Aws.Ebs;

/// <summary>Writes one block of a started snapshot; the result is its checksum as the service confirms it.</summary>
internal sealed class PutSnapshotBlockCall(string snapshotId, int blockIndex, ReadOnlyMemory<byte> data)
    : EbsCall<ChunkDigest>(EbsOperation.PutSnapshotBlock, snapshotId)
{
    private readonly byte[] _digest = SHA256.HashData(data.Span);

    public override string Subject => $"block {blockIndex} of snapshot {SnapshotId}";

    public override int? BlockIndex => blockIndex;

    public override HttpMethod Method => HttpMethod.Put;

    public override string Path { get; } = $"/snapshots/{snapshotId}/blocks/{blockIndex}";

    // The service model marks the body as unsigned; the signed checksum header protects it.
    public override string PayloadHash => AWS4Signer.UnsignedPayload;

    public override void AddHeaders(List<KeyValuePair<string, string>> headers)
    {
        headers.Add(new("x-amz-checksum", Convert.ToBase64String(_digest)));
        headers.Add(new("x-amz-checksum-algorithm", EbsLimits.ChecksumAlgorithm));
        headers.Add(new("x-amz-data-length", data.Length.ToString(CultureInfo.InvariantCulture)));
    }

    public override HttpContent CreateContent() => new ReadOnlyMemoryContent(data);

    public override ValueTask<ChunkDigest> ReadAsync(HttpResponseMessage response, AttemptWatch watch)
    {
        var confirmed = response.Headers.NonValidated.TryGetValues("x-amz-Checksum", out var values) ? values.ToString() : null;
        return confirmed is null || confirmed == Convert.ToBase64String(_digest)
            ? ValueTask.FromResult(new ChunkDigest(_digest))
            : throw new IntegrityException(EbsErrorReader.Describe(this, $"the service received other bytes: it states the checksum {confirmed}."))
            {
                ResourceId = SnapshotId,
                RequestId = EbsTransport.GetRequestId(response),
            };
    }
}
