using System.Runtime.CompilerServices;
using System.Security.Cryptography;

namespace Coriolis.Providers.Aws.Ebs;

/// <summary>Reads one block into the caller's memory and verifies it.</summary>
internal sealed class GetSnapshotBlockCall(string snapshotId, int blockIndex, string blockToken, Memory<byte> destination)
    : EbsCall<ChunkDigest>(EbsOperation.GetSnapshotBlock, snapshotId)
{
    private readonly string _query = $"blockToken={Uri.EscapeDataString(blockToken)}";

    public override string Subject => $"block {blockIndex} of snapshot {SnapshotId}";

    public override int? BlockIndex => blockIndex;

    public override string Path { get; } = $"/snapshots/{snapshotId}/blocks/{blockIndex}";

    public override string Query => _query;

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public override async ValueTask<ChunkDigest> ReadAsync(HttpResponseMessage response, AttemptWatch watch)
    {
        var algorithm = Header(response, "x-amz-Checksum-Algorithm");
        if (algorithm != EbsLimits.ChecksumAlgorithm)
        {
            throw Mismatch(response, $"its checksum algorithm is {algorithm ?? "not stated"}, not {EbsLimits.ChecksumAlgorithm}");
        }

        await ReadBodyAsync(response, watch).ConfigureAwait(false);
        return Verify(response);
    }

    private static string? Header(HttpResponseMessage response, string name) =>
        response.Headers.NonValidated.TryGetValues(name, out var values) ? values.ToString() : null;

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask ReadBodyAsync(HttpResponseMessage response, AttemptWatch watch)
    {
        var stated = Header(response, "x-amz-Data-Length");
        if (stated != "524288" || destination.Length != EbsLimits.BlockSize)
        {
            throw Mismatch(response, $"its length is {stated ?? "not stated"}, not {EbsLimits.BlockSize}");
        }

        var contentLength = response.Content.Headers.ContentLength;
        if (contentLength is not null && contentLength != destination.Length)
        {
            throw Mismatch(response, $"{contentLength} bytes were sent instead of {destination.Length}");
        }

        var stream = await response.Content.ReadAsStreamAsync(watch.Token).ConfigureAwait(false);
        var filled = 0;
        while (filled < destination.Length)
        {
            var read = await stream.ReadAsync(destination[filled..], watch.Token).ConfigureAwait(false);
            if (read == 0)
            {
                throw Mismatch(response, $"{filled} bytes arrived instead of {destination.Length}");
            }

            filled += read;
            watch.OnProgress(read);
        }

        if (contentLength is null && await stream.ReadAsync(new byte[1], watch.Token).ConfigureAwait(false) != 0)
        {
            throw Mismatch(response, $"more than {destination.Length} bytes arrived");
        }
    }

    private ChunkDigest Verify(HttpResponseMessage response)
    {
        var stated = Header(response, "x-amz-Checksum");
        var data = destination.Span;
        if (!data.ContainsAnyExcept((byte)0))
        {
            return stated == EbsLimits.ZeroBlockChecksum
                ? ChunkDigest.Zero
                : throw Mismatch(response, $"its bytes are all zero but the stated checksum is {stated ?? "missing"}");
        }

        Span<byte> computed = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(data, computed);
        Span<byte> expected = stackalloc byte[SHA256.HashSizeInBytes];
        if (stated is null || !Convert.TryFromBase64Chars(stated, expected, out var length) || !computed.SequenceEqual(expected[..length]))
        {
            throw Mismatch(response, $"the checksum of its bytes is {Convert.ToBase64String(computed)}, the stated one is {stated ?? "missing"}");
        }

        return new ChunkDigest(computed);
    }

    private IntegrityException Mismatch(HttpResponseMessage response, string what) =>
        new(EbsErrorReader.Describe(this, $"the block cannot be trusted: {what}."))
        {
            ResourceId = SnapshotId,
            RequestId = EbsTransport.GetRequestId(response),
            Remedy = "Run the replication again; if it happens again, something between AWS and this machine changes the data.",
        };
}
