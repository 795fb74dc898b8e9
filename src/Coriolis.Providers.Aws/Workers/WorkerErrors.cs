using Coriolis.Worker.Protocol;

namespace Coriolis.Providers.Aws.Workers;

/// <summary>Turns what the agent and its connection say into the exceptions of the contract.</summary>
internal static class WorkerErrors
{
    public static bool IsOfAgent(Exception error) => error is IOException or WorkerRequestException;

    /// <summary>Whether the worker or its agent is gone, rather than what it has to say of its disk.</summary>
    public static bool IsLoss(Exception error) => error switch
    {
        WorkerReadException or WorkerProtocolException => false,
        IOException or SourceException or TimeoutException or ObjectDisposedException => true,
        _ => false,
    };

    public static CoriolisException Translate(Exception error, string volumeId) => error switch
    {
        CoriolisException known => known,
        WorkerReadException => new SourceException($"{volumeId} cannot be read on its worker: {error.Message}", error)
        {
            ResourceId = volumeId,
            Remedy = "Run again: a new worker and new volumes are made.",
            IsTransient = true,
        },
        WorkerProtocolException => new IntegrityException($"What the worker sent of {volumeId} is not what it read: {error.Message}", error)
        {
            ResourceId = volumeId,
            Remedy = "Run again; if it lasts, something between here and the worker changes data.",
        },
        WorkerRequestException => new SourceException($"{volumeId} cannot be read on its worker: {error.Message}", error)
        {
            ResourceId = volumeId,
            Remedy = "Run again: a new worker and new volumes are made.",
            IsTransient = true,
        },
        _ => new SourceException($"The worker that has {volumeId} attached does not answer any more: {error.Message}", error)
        {
            ResourceId = volumeId,
            Remedy = "Run again: what has been written is not sent a second time.",
            IsTransient = true,
        },
    };
}
