using System.Buffers;
using Microsoft.AspNetCore.Http;

namespace Coriolis.Aws.Emulator.Http;

/// <summary>Reads a request's body whole: its digest is part of the signature, so nothing may be acted on before its end.</summary>
internal static class RequestBody
{
    /// <summary>The largest body of any supported call is a block of 512 KiB.</summary>
    public const int MaxBytes = 1024 * 1024;

    /// <summary>
    /// How much of a body is read at all. Clients look for the answer when they have sent everything, and a connection that is closed before
    /// gives them a broken pipe instead of the refusal: so what is too large is read and dropped, as long as its size is that of a mistake.
    /// </summary>
    public const int MaxReadBytes = 16 * MaxBytes;

    private const int PieceBytes = 64 * 1024;

    public static async Task<ReadOnlyMemory<byte>> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        if (request.ContentLength is 0) return ReadOnlyMemory<byte>.Empty;
        var piece = ArrayPool<byte>.Shared.Rent(PieceBytes);
        try
        {
            using var kept = new MemoryStream((int)Math.Min(request.ContentLength ?? 0, MaxBytes));
            long length = 0;
            while (await request.Body.ReadAsync(piece, cancellationToken).ConfigureAwait(false) is var read and > 0)
            {
                length += read;
                if (length <= MaxBytes) kept.Write(piece, 0, read);
            }

            if (length > MaxBytes)
            {
                throw TooLarge($"The body has {length} bytes; no call takes more than {MaxBytes}.");
            }

            return kept.GetBuffer().AsMemory(0, (int)kept.Length);
        }
        catch (BadHttpRequestException e)
        {
            throw e.StatusCode == StatusCodes.Status413PayloadTooLarge ? TooLarge(e.Message)
                : new AwsErrorException("MalformedRequest", e.StatusCode, e.Message);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(piece);
        }
    }

    private static AwsErrorException TooLarge(string message) =>
        new("RequestEntityTooLarge", StatusCodes.Status413PayloadTooLarge, message);
}
