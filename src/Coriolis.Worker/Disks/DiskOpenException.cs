using Coriolis.Worker.Protocol;

namespace Coriolis.Worker;

/// <summary>A disk that was asked for is not there, or not as it was listed.</summary>
internal sealed class DiskOpenException(WorkerFailure failure, string message) : IOException(message)
{
    public WorkerFailure Failure { get; } = failure;
}
