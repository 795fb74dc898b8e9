using Coriolis.Aws.Emulator.Http;
using Coriolis.Aws.Emulator.Signing;
using Microsoft.AspNetCore.Http;

namespace Coriolis.Aws.Emulator.Calls;

/// <summary>
/// What becomes known of a request while it is handled. It is recorded once, just before the answer starts, so that a client that has its
/// answer finds its call in the log.
/// </summary>
internal sealed class CallObservation(CallLog log, HttpContext context, string requestId, TimeProvider timeProvider)
{
    private bool _recorded;
    private bool _aborted;
    private string _region = "";
    private string _accessKeyId = "";
    private string _operation = "";

    public required string Service { get; set; }

    public FaultKind? Fault { get; set; }

    public string? ErrorCode { get; set; }

    public CallDetails Details { get; private set; } = new([], new Dictionary<string, string>());

    public void Sign(SignedRequest signature) => (Service, _region, _accessKeyId) = (signature.Service, signature.Region, signature.AccessKeyId);

    public void Describe(ServiceCall call) => (_operation, Details) = (call.Operation, CallDetails.Of(call));

    /// <summary>Records the call as one that gets no answer.</summary>
    public void RecordUnanswered()
    {
        _aborted = true;
        Record();
    }

    /// <summary>Records the call as unanswered and closes the connection.</summary>
    public void Abort()
    {
        RecordUnanswered();
        context.Abort();
    }

    public Task RecordAsync()
    {
        Record();
        return Task.CompletedTask;
    }

    private void Record()
    {
        if (_recorded)
        {
            return;
        }

        _recorded = true;
        log.Append(new RecordedCall
        {
            Time = timeProvider.GetUtcNow(),
            Service = Service,
            Operation = _operation,
            Region = _region,
            AccessKeyId = _accessKeyId,
            ResourceIds = Details.ResourceIds,
            Parameters = Details.Parameters,
            Status = _aborted ? 0 : context.Response.StatusCode,
            ErrorCode = ErrorCode,
            RequestId = requestId,
            Fault = Fault,
            UserAgent = context.Request.Headers.UserAgent.ToString() is { Length: > 0 } agent ? agent : null,
        });
    }
}
