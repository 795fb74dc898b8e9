using Coriolis.Aws.Emulator.Http;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Coriolis.Aws.Emulator.Faults;

/// <summary>A service's whole answer, held back so that it can be read or damaged before it is sent.</summary>
internal sealed class CapturedResponse
{
    private readonly HttpContext _context;

    private CapturedResponse(HttpContext context, Memory<byte> body)
    {
        _context = context;
        Body = body;
    }

    public Memory<byte> Body { get; set; }

    public IHeaderDictionary Headers => _context.Response.Headers;

    public static async Task<CapturedResponse> CaptureAsync(ServiceCall call, IAwsService service, CancellationToken cancellationToken)
    {
        var features = call.Http.Features;
        var original = features.GetRequiredFeature<IHttpResponseBodyFeature>();
        using var buffer = new MemoryStream();
        var held = new StreamResponseBodyFeature(buffer);
        features.Set<IHttpResponseBodyFeature>(held);
        try
        {
            await service.HandleAsync(call, cancellationToken).ConfigureAwait(false);
            await held.Writer.FlushAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            features.Set(original);
        }

        return new CapturedResponse(call.Http, buffer.ToArray());
    }

    public async Task SendAsync(CancellationToken cancellationToken)
    {
        _context.Response.ContentLength = Body.Length;
        await _context.Response.Body.WriteAsync(Body, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Sends the headers of the whole and the first half of the body, then closes the connection.</summary>
    public async Task SendHalfAsync(CancellationToken cancellationToken)
    {
        _context.Response.ContentLength = Body.Length;
        await _context.Response.Body.WriteAsync(Body[..(Body.Length / 2)], cancellationToken).ConfigureAwait(false);
        await _context.Response.Body.FlushAsync(cancellationToken).ConfigureAwait(false);
        _context.Abort();
    }
}
