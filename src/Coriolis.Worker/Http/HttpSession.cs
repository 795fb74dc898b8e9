using System.Text.Json;

namespace Coriolis.Worker;

/// <summary>One HTTP/1.1 connection of a client of the existing replicator.</summary>
internal sealed class HttpSession(Stream stream, ReplicatorApi api, Agent agent)
{
    private static readonly TimeSpan s_idleTimeout = TimeSpan.FromMinutes(5);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var reader = new HttpRequestReader(stream);
        var isOpen = true;
        while (isOpen)
        {
            isOpen = await ServeOneAsync(reader, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Answers one request; says whether the connection can take another.</summary>
    private async Task<bool> ServeOneAsync(HttpRequestReader reader, CancellationToken cancellationToken)
    {
        HttpRequest? request;
        try
        {
            using var idle = new CancellationTokenSource(s_idleTimeout, agent.TimeProvider);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, idle.Token);
            request = await reader.ReadAsync(either.Token).ConfigureAwait(false);
        }
        catch (HttpFaultException fault)
        {
            // Where the next request would begin is not known any more.
            var unparsed = new HttpRequest("GET", "/", new Dictionary<string, string>(), new Dictionary<string, string>(), IsHttp11: true);
            await RefuseAsync(new HttpResponse(stream, unparsed, keepAlive: false), fault, cancellationToken).ConfigureAwait(false);
            return false;
        }

        if (request is null)
        {
            return false;
        }

        agent.Lease.Renew();
        var response = new HttpResponse(stream, request, request.WantsKeepAlive);
        try
        {
            await api.HandleAsync(request, response, cancellationToken).ConfigureAwait(false);
        }
        catch (HttpFaultException fault) when (!response.HasStarted)
        {
            await RefuseAsync(response, fault, cancellationToken).ConfigureAwait(false);
        }
        catch (DiskOpenException exception) when (!response.HasStarted)
        {
            await RefuseAsync(response, new HttpFaultException(500, exception.Message), cancellationToken).ConfigureAwait(false);
        }

        return !response.MustClose;
    }

    private static Task RefuseAsync(HttpResponse response, HttpFaultException fault, CancellationToken cancellationToken) =>
        response.WriteTextAsync(
            fault.Status, "application/json", $$"""{"error":"{{JsonEncodedText.Encode(fault.Message)}}"}""", fault.Headers, cancellationToken);
}
