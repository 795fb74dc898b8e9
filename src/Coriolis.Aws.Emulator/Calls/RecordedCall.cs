namespace Coriolis.Aws.Emulator;

/// <summary>One call that the emulator received, and what it answered.</summary>
/// <remarks>Holds no secret: neither signatures nor session, page and block tokens. Thread safety: immutable.</remarks>
public sealed record RecordedCall
{
    /// <summary>Gets the time of the answer on the emulator's clock.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>Gets the service of the signature: <c>ec2</c>, <c>ebs</c>, <c>kms</c> or <c>sts</c>; empty when the request was not signed.</summary>
    public required string Service { get; init; }

    /// <summary>Gets the operation as the API model names it, or an empty string when the request names none.</summary>
    public required string Operation { get; init; }

    /// <summary>Gets the region of the signature.</summary>
    public required string Region { get; init; }

    /// <summary>Gets the access key id of the signature.</summary>
    public required string AccessKeyId { get; init; }

    /// <summary>Gets the ids of AWS resources that the request names, each once.</summary>
    public IReadOnlyList<string> ResourceIds { get; init; } = [];

    /// <summary>Gets the other parameters that say what was asked for.</summary>
    public IReadOnlyDictionary<string, string> Parameters { get; init; } = new Dictionary<string, string>();

    /// <summary>Gets the HTTP status of the answer, or 0 when there was none.</summary>
    public required int Status { get; init; }

    /// <summary>Gets the error code of the answer.</summary>
    public string? ErrorCode { get; init; }

    /// <summary>Gets the request id of the answer.</summary>
    public required string RequestId { get; init; }

    /// <summary>Gets the injected fault.</summary>
    public FaultKind? Fault { get; init; }

    /// <summary>Gets the client's user agent.</summary>
    public string? UserAgent { get; init; }
}
