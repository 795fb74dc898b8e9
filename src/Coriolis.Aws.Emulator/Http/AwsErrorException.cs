namespace Coriolis.Aws.Emulator.Http;

/// <summary>An error answered to the client in the shape of the service's protocol.</summary>
internal sealed class AwsErrorException(string code, int status, string message, string? reason = null) : Exception(message)
{
    public string Code { get; } = code;

    public int Status { get; } = status;

    /// <summary>The <c>Reason</c> member that EBS errors carry.</summary>
    public string? Reason { get; } = reason;
}
