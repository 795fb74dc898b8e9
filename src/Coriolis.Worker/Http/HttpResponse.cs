using System.Globalization;
using System.IO.Compression;
using System.Text;

namespace Coriolis.Worker;

/// <summary>Writes one response.</summary>
internal sealed class HttpResponse(Stream stream, HttpRequest request, bool keepAlive)
{
    public bool HasStarted { get; private set; }

    /// <summary>HTTP/1.0 clients know no chunks: their body of unknown length ends with the connection.</summary>
    public bool MustClose { get; private set; } = !keepAlive;

    /// <summary>Sends a head for a body of known length, and the stream to write the body to.</summary>
    public async Task<Stream> StartAsync(int status, string contentType, long length, IReadOnlyList<string> headers, CancellationToken cancellationToken)
    {
        await WriteHeadAsync(status, contentType, [.. headers, $"Content-Length: {length}"], cancellationToken).ConfigureAwait(false);
        return request.IsHead ? Stream.Null : stream;
    }

    /// <summary>Sends a head and lets <paramref name="write"/> produce the body, in gzip if wanted.</summary>
    public async Task StreamAsync(
        int status, string contentType, bool gzip, IReadOnlyList<string> headers, Func<Stream, Task> write, CancellationToken cancellationToken)
    {
        List<string> all = [.. headers, "Vary: Accept-Encoding"];
        if (gzip)
        {
            all.Add("Content-Encoding: gzip");
        }

        MustClose |= !request.IsHttp11;
        if (request.IsHttp11)
        {
            all.Add("Transfer-Encoding: chunked");
        }

        await WriteHeadAsync(status, contentType, all, cancellationToken).ConfigureAwait(false);
        if (request.IsHead)
        {
            return;
        }

        var chunked = request.IsHttp11 ? new ChunkedBody(stream) : null;
        await WriteBodyAsync(chunked ?? stream, gzip, write).ConfigureAwait(false);
        if (chunked is not null)
        {
            await chunked.CompleteAsync(cancellationToken).ConfigureAwait(false);
        }

        await stream.FlushAsync(cancellationToken).ConfigureAwait(false);
    }

    public async Task WriteTextAsync(int status, string contentType, string text, IReadOnlyList<string> headers, CancellationToken cancellationToken)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        var body = await StartAsync(status, contentType, bytes.Length, headers, cancellationToken).ConfigureAwait(false);
        await body.WriteAsync(bytes, cancellationToken).ConfigureAwait(false);
        await body.FlushAsync(cancellationToken).ConfigureAwait(false);
    }

    private static async Task WriteBodyAsync(Stream body, bool gzip, Func<Stream, Task> write)
    {
        if (!gzip)
        {
            await write(body).ConfigureAwait(false);
            return;
        }

        // Written to through a buffer, so that the packed bytes do not leave in many small chunks.
        var buffered = new BufferedStream(body, 64 * 1024);
        var packer = new GZipStream(buffered, CompressionLevel.Fastest, leaveOpen: true);
        await using (packer.ConfigureAwait(false))
        {
            await write(packer).ConfigureAwait(false);
        }

        await buffered.FlushAsync().ConfigureAwait(false);
    }

    private async Task WriteHeadAsync(int status, string contentType, IEnumerable<string> headers, CancellationToken cancellationToken)
    {
        HasStarted = true;
        var head = new StringBuilder();
        head.Append(CultureInfo.InvariantCulture, $"HTTP/1.1 {status} {ReasonOf(status)}\r\nContent-Type: {contentType}\r\n");
        foreach (var header in headers)
        {
            head.Append(CultureInfo.InvariantCulture, $"{header}\r\n");
        }

        head.Append(MustClose ? "Connection: close\r\n\r\n" : "Connection: keep-alive\r\n\r\n");
        await stream.WriteAsync(Encoding.Latin1.GetBytes(head.ToString()), cancellationToken).ConfigureAwait(false);
        await stream.FlushAsync(cancellationToken).ConfigureAwait(false);
    }

    private static string ReasonOf(int status) => status switch
    {
        200 => "OK",
        206 => "Partial Content",
        400 => "Bad Request",
        404 => "Not Found",
        405 => "Method Not Allowed",
        409 => "Conflict",
        416 => "Range Not Satisfiable",
        431 => "Request Header Fields Too Large",
        _ => "Internal Server Error",
    };
}
