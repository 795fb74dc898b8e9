namespace Coriolis.Worker;

/// <summary>A request that is answered with an error status.</summary>
internal sealed class HttpFaultException(int status, string message) : Exception(message)
{
    public int Status { get; } = status;

    public IReadOnlyList<string> Headers { get; init; } = [];
}
