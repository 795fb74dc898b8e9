using System.Globalization;
using System.Text;
using Coriolis.Aws.Emulator.Ec2.Instances;
using Coriolis.Aws.Emulator.State;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;

namespace Coriolis.Aws.Emulator.Metadata;

/// <summary>Answers as the instance metadata service does, from the instance's record as it is at the moment (EC2 user guide, "Use IMDS").</summary>
internal sealed class MetadataService(Region region, string instanceId, TimeProvider timeProvider)
{
    private const string TokenHeader = "X-aws-ec2-metadata-token";
    private const string LifetimeHeader = "X-aws-ec2-metadata-token-ttl-seconds";
    private const int MaxLifetimeSeconds = 6 * 60 * 60;

    // Enough for every hop that a network of machines within a machine can have.
    private const int OrdinaryHops = 64;

    private readonly MetadataTokens _tokens = new(timeProvider);

    public Task HandleAsync(HttpContext context)
    {
        if (!region.State.Instances.TryGetValue(instanceId, out var instance) || instance.Metadata.HttpEndpoint == "disabled")
        {
            return RefuseAsync(context.Response, StatusCodes.Status403Forbidden, "Forbidden");
        }

        return HttpMethods.IsPut(context.Request.Method) ? IssueAsync(context, instance.Metadata.HopLimit)
            : HttpMethods.IsGet(context.Request.Method) || HttpMethods.IsHead(context.Request.Method) ? ReadAsync(context, instance)
            : RefuseAsync(context.Response, StatusCodes.Status405MethodNotAllowed, "Method Not Allowed");
    }

    private Task IssueAsync(HttpContext context, int hopLimit)
    {
        var (request, response) = (context.Request, context.Response);
        if (!MetadataPath.TryParse(request.Path, out var path) || path != "api/token")
        {
            return RefuseAsync(response, StatusCodes.Status404NotFound, "Not Found");
        }

        // What came through a proxy is not a request of the instance's own.
        if (request.Headers.ContainsKey("X-Forwarded-For")) return RefuseAsync(response, StatusCodes.Status403Forbidden, "Forbidden");
        if (!int.TryParse(request.Headers[LifetimeHeader], NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
            || seconds is < 1 or > MaxLifetimeSeconds)
        {
            return RefuseAsync(response, StatusCodes.Status400BadRequest, "Bad Request");
        }

        // The machine is the first router on the way to networks within it, where requests have other addresses than its own.
        var hopsLeft = MetadataServer.Address.Equals(context.Connection.RemoteIpAddress) ? hopLimit : hopLimit - 1;
        if (hopsLeft == 0) return LoseAsync(context);
        Hops(context, hopsLeft);
        response.Headers[LifetimeHeader] = request.Headers[LifetimeHeader];
        return AnswerAsync(response, Encoding.ASCII.GetBytes(_tokens.Issue(TimeSpan.FromSeconds(seconds))), "text/plain");
    }

    private Task ReadAsync(HttpContext context, InstanceRecord instance)
    {
        var response = context.Response;
        Hops(context, OrdinaryHops);
        if (context.Request.Headers.TryGetValue(TokenHeader, out var token))
        {
            if (_tokens.TimeLeft(token.ToString()) is not { } left) return RefuseAsync(response, StatusCodes.Status401Unauthorized, "Unauthorized");
            response.Headers[LifetimeHeader] = ((int)left.TotalSeconds).ToString(CultureInfo.InvariantCulture);
        }
        else if (instance.Metadata.HttpTokens == "required")
        {
            return RefuseAsync(response, StatusCodes.Status401Unauthorized, "Unauthorized");
        }

        if (context.Request.Path == "/") return AnswerAsync(response, Encoding.ASCII.GetBytes(MetadataPath.Versions), "text/plain");
        if (!MetadataPath.TryParse(context.Request.Path, out var path)) return RefuseAsync(response, StatusCodes.Status404NotFound, "Not Found");
        if (path == "user-data" && instance.UserData is { } userData)
        {
            return AnswerAsync(response, Convert.FromBase64String(userData), "application/octet-stream");
        }

        return MetadataTree.Of(InstanceView.Of(instance, region.State), region).Find(path) is { } text
            ? AnswerAsync(response, Encoding.UTF8.GetBytes(text), "text/plain")
            : RefuseAsync(response, StatusCodes.Status404NotFound, "Not Found");
    }

    private static void Hops(HttpContext context, int number) => context.Features.Get<IConnectionSocketFeature>()!.Socket.Ttl = (short)number;

    /// <summary>Answers like a packet that a router dropped: not at all.</summary>
    private async Task LoseAsync(HttpContext context)
    {
        await Task.Delay(Timeout.InfiniteTimeSpan, timeProvider, context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        context.Abort();
    }

    private static Task RefuseAsync(HttpResponse response, int status, string reason)
    {
        response.StatusCode = status;
        return AnswerAsync(
            response,
            Encoding.ASCII.GetBytes(string.Create(
                CultureInfo.InvariantCulture,
                $"""
                <?xml version="1.0" encoding="iso-8859-1"?>
                <html xmlns="http://www.w3.org/1999/xhtml" xml:lang="en" lang="en">
                 <head><title>{status} - {reason}</title></head>
                 <body><h1>{status} - {reason}</h1></body>
                </html>

                """)),
            "text/html");
    }

    private static async Task AnswerAsync(HttpResponse response, byte[] body, string type)
    {
        response.Headers.Server = "EC2ws";
        response.ContentType = type;
        response.ContentLength = body.Length;
        if (!HttpMethods.IsHead(response.HttpContext.Request.Method)) await response.Body.WriteAsync(body).ConfigureAwait(false);
    }
}
