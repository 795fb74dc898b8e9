using Microsoft.AspNetCore.Http;

namespace Coriolis.Aws.Emulator.Http;

/// <summary>Reads a request's body whole: its digest is part of the signature, so nothing may be acted on before its end.</summary>
internal static class RequestBody
{
    /// <summary>The largest body of any supported call is a block of 512 KiB.</summary>
    public const int MaxBytes = 1024 * 1024;

    public static async Task<ReadOnlyMemory<byte>> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        if (request.ContentLength is 0) return ReadOnlyMemory<byte>.Empty;
        try
        {
            using var buffer = new MemoryStream((int)Math.Min(request.ContentLength ?? 0, MaxBytes));
            await request.Body.CopyToAsync(buffer, cancellationToken).ConfigureAwait(false);
            return buffer.GetBuffer().AsMemory(0, (int)buffer.Length);
        }
        catch (BadHttpRequestException e)
        {
            throw new AwsErrorException(
                e.StatusCode == StatusCodes.Status413PayloadTooLarge ? "RequestEntityTooLarge" : "MalformedRequest", e.StatusCode, e.Message);
        }
    }
}
