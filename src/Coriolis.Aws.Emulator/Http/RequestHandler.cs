using System.Text;
using Coriolis.Aws.Emulator.Calls;
using Coriolis.Aws.Emulator.Faults;
using Coriolis.Aws.Emulator.Signing;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;

namespace Coriolis.Aws.Emulator.Http;

/// <summary>What happens to every request: read, verify, find the service and operation, answer or render the error.</summary>
internal sealed class RequestHandler(
    SignatureVerifier verifier,
    IReadOnlyDictionary<string, IAwsService> services,
    FaultInjector faults,
    CallLog calls,
    TimeProvider timeProvider,
    ILogger logger)
{
    public async Task HandleAsync(HttpContext context)
    {
        var requestId = Guid.NewGuid().ToString();
        var cancellationToken = context.RequestAborted;
        context.Response.Headers["x-amzn-RequestId"] = requestId;
        // Clients correct their clock by this header, so it must be the emulator's.
        context.Response.Headers.Date = timeProvider.GetUtcNow().ToString("R");
        var service = GuessService(context.Request);
        var observation = new CallObservation(calls, context, requestId, timeProvider) { Service = service };
        context.Response.OnStarting(observation.RecordAsync);
        try
        {
            var body = await RequestBody.ReadAsync(context.Request, cancellationToken).ConfigureAwait(false);
            var incoming = Describe(context, body);
            var signature = SignedRequest.Parse(incoming) ?? throw SigningErrors.NotSigned(service);
            service = signature.Service;
            observation.Sign(signature);
            var identity = verifier.Verify(incoming, signature);
            if (!services.TryGetValue(service, out var target))
            {
                throw new AwsErrorException("InvalidAction", 400, $"The service '{service}' is not emulated; these are: {string.Join(", ", services.Keys)}.");
            }

            var parameters = ReadParameters(service, incoming);
            var call = new ServiceCall
            {
                Http = context,
                RequestId = requestId,
                Service = service,
                Region = signature.Region,
                Operation = OperationNames.Find(service, context.Request, parameters),
                Identity = identity,
                Body = body,
                Parameters = parameters,
            };
            observation.Describe(call);
            await faults.HandleAsync(call, observation, target, cancellationToken).ConfigureAwait(false);
        }
        catch (AwsErrorException error)
        {
            observation.ErrorCode = error.Code;
            await WriteErrorAsync(context, service, requestId, error, cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            observation.Abort();
        }
#pragma warning disable CA1031 // Do not catch general exception types: one failed request must not hide its cause behind a closed connection.
        catch (Exception e)
#pragma warning restore CA1031
        {
            observation.ErrorCode = "InternalError";
            logger.CallFailed(requestId, service, e);
            var error = new AwsErrorException("InternalError", 500, $"An internal error has occurred in the emulator: {e.Message}");
            await WriteErrorAsync(context, service, requestId, error, cancellationToken).ConfigureAwait(false);
        }
    }

    private static async Task WriteErrorAsync(
        HttpContext context, string service, string requestId, AwsErrorException error, CancellationToken cancellationToken)
    {
        if (context.Response.HasStarted)
        {
            context.Abort();
            return;
        }

        await ErrorWriter.WriteAsync(context.Response, service, requestId, error, cancellationToken).ConfigureAwait(false);
    }

    private static IncomingRequest Describe(HttpContext context, ReadOnlyMemory<byte> body)
    {
        var target = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget.Split('?', 2);
        return new IncomingRequest
        {
            Method = context.Request.Method,
            RawPath = target[0],
            RawQuery = target.Length == 2 ? target[1] : "",
            Headers = context.Request.Headers.ToDictionary(
                static header => header.Key.ToLowerInvariant(), static header => header.Value.OfType<string>().ToArray(), StringComparer.Ordinal),
            Body = body,
        };
    }

    private static QueryParameters ReadParameters(string service, IncomingRequest request) =>
        service is not (ServiceNames.Ec2 or ServiceNames.Sts) ? QueryParameters.Empty
        : QueryParameters.Parse(request.Method == "GET" ? request.RawQuery : Encoding.UTF8.GetString(request.Body.Span));

    /// <summary>The service that an error before the signature is known is rendered for.</summary>
    private static string GuessService(HttpRequest request) =>
        request.Headers.ContainsKey("X-Amz-Target") ? ServiceNames.Kms
        : request.Path.StartsWithSegments("/snapshots", StringComparison.Ordinal) ? ServiceNames.Ebs
        : ServiceNames.Ec2;
}
