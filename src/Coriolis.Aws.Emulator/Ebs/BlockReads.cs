using System.Globalization;
using Coriolis.Aws.Emulator.Http;
using Coriolis.Aws.Emulator.Storage;

namespace Coriolis.Aws.Emulator.Ebs;

/// <summary>GetSnapshotBlock.</summary>
internal sealed class BlockReads(SnapshotAccess access, TokenIssuer tokens)
{
    public async Task GetBlockAsync(ServiceCall call, string snapshotId, string blockIndex, CancellationToken cancellationToken)
    {
        var (_, content) = access.OpenCompleted(call, snapshotId);
        using var lease = content;
        if (!int.TryParse(blockIndex, NumberStyles.None, CultureInfo.InvariantCulture, out var index))
        {
            throw EbsErrors.InvalidBlock($"'{blockIndex}' is not a block index.");
        }

        var token = call.Http.Request.Query["blockToken"].ToString();
        if (tokens.BlockScope(call.Region, snapshotId).Verify(token) != index)
        {
            throw EbsErrors.Invalid("INVALID_BLOCK_TOKEN", $"The block token is not valid for block {index} of '{snapshotId}' or has expired.");
        }

        var response = call.Http.Response;
        response.ContentType = "application/octet-stream";
        response.ContentLength = BlockStore.BlockSize;
        response.Headers["x-amz-Data-Length"] = "524288";
        response.Headers["x-amz-Checksum"] = ToBase64(content.GetDigest(index));
        response.Headers["x-amz-Checksum-Algorithm"] = "SHA256";

        // The bytes are read straight into the buffer that the socket (or TLS) takes them from.
        var buffer = response.BodyWriter.GetMemory(BlockStore.BlockSize)[..BlockStore.BlockSize];
        await content.ReadAsync(index, buffer, cancellationToken).ConfigureAwait(false);
        response.BodyWriter.Advance(BlockStore.BlockSize);
        await response.BodyWriter.FlushAsync(cancellationToken).ConfigureAwait(false);
    }

    private static string ToBase64(BlockDigest digest) => Convert.ToBase64String(digest);
}
