using System.Net;
using System.Runtime.CompilerServices;
using Amazon.Runtime;
using Coriolis.Providers.Aws.Throttling;

namespace Coriolis.Providers.Aws.Ebs;

/// <summary>Makes one attempt of a call: waits for its turn, signs, sends, and reads the answer.</summary>
internal sealed class EbsTransport(
    HttpClient http,
    AWSCredentials credentials,
    EbsClientConfig config,
    EbsClientOptions options,
    EbsThrottle throttle,
    FirstContact contact,
    EbsInstruments instruments,
    TimeProvider timeProvider)
{
    private const string RequestIdHeader = "x-amzn-RequestId";

    private readonly EbsRequestSigner _signer = new(config.SigningRegion, "ebs");
    private readonly Uri _endpoint = new(config.DetermineEndpoint().URL);

    public static string? GetRequestId(HttpResponseMessage response) =>
        response.Headers.NonValidated.TryGetValues(RequestIdHeader, out var values) ? values.ToString() : null;

    /// <summary>Makes one attempt.</summary>
    /// <exception cref="EbsException">The request was refused, or no complete answer came.</exception>
    /// <exception cref="IntegrityException">The answer does not match its checksum.</exception>
    /// <exception cref="OperationCanceledException">The caller cancelled.</exception>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<TResult> SendAsync<TResult>(EbsCall<TResult> call, CancellationToken cancellationToken)
    {
        call.Attempt++;
        await WaitForTurnAsync(call, cancellationToken).ConfigureAwait(false);
        using var watch = new AttemptWatch(options.StallTimeout, config.Timeout ?? options.AttemptTimeout, timeProvider, cancellationToken);
        string? requestId = null;
        try
        {
            using var request = CreateRequest(call, await GetCredentialsAsync(call, watch).ConfigureAwait(false));
            using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, watch.Token).ConfigureAwait(false);
            contact.Made();
            watch.OnProgress(0);
            requestId = GetRequestId(response);
            if (!response.IsSuccessStatusCode)
            {
                throw await EbsErrorReader.ReadAsync(call, response, requestId, watch).ConfigureAwait(false);
            }

            var result = await call.ReadAsync(response, watch).ConfigureAwait(false);
            instruments.Requested(call.Operation, null);
            return result;
        }
        catch (Exception exception) when (exception is not EbsException { Code: EbsException.NoCredentials })
        {
            // Cancelling may surface as any I/O error; the caller sees its own cancellation and nothing else.
            cancellationToken.ThrowIfCancellationRequested();
            var failure = Translate(exception, call, watch, requestId);
            instruments.Requested(call.Operation, (failure as EbsException)?.Code ?? failure.GetType().Name);
            if (ReferenceEquals(failure, exception))
            {
                throw;
            }

            throw failure;
        }
    }

    private static Exception Translate(Exception exception, EbsCall call, AttemptWatch watch, string? requestId)
    {
        if (exception is EbsException or IntegrityException)
        {
            return exception;
        }

        if (watch.Verdict is { } verdict)
        {
            return Create(EbsException.TimedOut, $"the answer is {verdict}");
        }

        return exception is HttpRequestException or IOException or OperationCanceledException
            ? Create(EbsException.ConnectionFailed, exception.InnerException is { } inner ? $"{exception.Message} {inner.Message}" : exception.Message)
            : exception;

        EbsException Create(string code, string text)
        {
            var said = QuotedSecrets.RemoveFrom(text);
            return new EbsException(EbsErrorReader.Describe(call, said), QuotedSecrets.RemoveFrom(exception))
            {
                Operation = call.Operation,
                SnapshotId = call.SnapshotId,
                Code = code,
                ServiceMessage = said,
                RequestId = requestId,
            };
        }
    }

    private async ValueTask WaitForTurnAsync(EbsCall call, CancellationToken cancellationToken)
    {
        var turn = throttle.WaitAsync(call.Operation, call.SnapshotId, cancellationToken);
        if (turn.IsCompletedSuccessfully)
        {
            return;
        }

        var since = timeProvider.GetTimestamp();
        try
        {
            await turn.ConfigureAwait(false);
        }
        finally
        {
            instruments.Throttled(call.Operation, timeProvider.GetElapsedTime(since));
        }
    }

    private async ValueTask<ImmutableCredentials> GetCredentialsAsync(EbsCall call, AttemptWatch watch)
    {
        try
        {
            return await credentials.GetCredentialsAsync().WaitAsync(watch.Token).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            var said = QuotedSecrets.RemoveFrom(exception.Message);
            throw new EbsException(EbsErrorReader.Describe(call, $"no credentials: {said}"), QuotedSecrets.RemoveFrom(exception))
            {
                Operation = call.Operation,
                SnapshotId = call.SnapshotId,
                Code = EbsException.NoCredentials,
                ServiceMessage = said,
            };
        }
    }

    private HttpRequestMessage CreateRequest(EbsCall call, ImmutableCredentials who)
    {
        var now = timeProvider.GetUtcNow();
        var path = _endpoint.AbsolutePath == "/" ? call.Path : _endpoint.AbsolutePath.TrimEnd('/') + call.Path;
        var address = $"{_endpoint.Scheme}://{_endpoint.Authority}{path}{(call.Query.Length == 0 ? "" : "?")}{call.Query}";
        var request = new HttpRequestMessage(call.Method, new Uri(address))
        {
            Version = HttpVersion.Version11,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = call.CreateContent(),
        };

        var headers = new List<KeyValuePair<string, string>>(8)
        {
            new("host", _endpoint.Authority),
            new("x-amz-content-sha256", call.PayloadHash),
            new("x-amz-date", _signer.FormatDate(now)),
        };
        if (who.UseToken)
        {
            headers.Add(new("x-amz-security-token", who.Token));
        }

        call.AddHeaders(headers);
        headers.Sort(static (a, b) => string.CompareOrdinal(a.Key, b.Key));
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        var authorization = _signer.Sign(who, now, call.Method.Method, path, call.Query, headers, call.PayloadHash);
        request.Headers.TryAddWithoutValidation("Authorization", authorization);
        request.Headers.TryAddWithoutValidation("User-Agent", config.UserAgent);
        return request;
    }
}
