namespace Coriolis.Providers;

/// <summary>Records durably what an execution is about to create, so that a crash leaves nothing unknown.</summary>
/// <remarks>
/// An instance that is stopped for the final synchronisation is recorded like a resource of the type
/// <see cref="StoppedInstance"/>: starting it again deletes it, and leaving it stopped on purpose keeps it.
/// <para>Thread safety: members may be called concurrently. A record is durable when the returned task completes.</para>
/// </remarks>
public interface IResourceJournal
{
    /// <summary>The type under which an instance is recorded that has been stopped and is to be started again.</summary>
    const string StoppedInstance = "stopped instance";

    /// <summary>Records that a resource is about to be created. Called before the call that creates it.</summary>
    /// <param name="intent">A name for the attempt, unique in the execution, for example <c>snapshot-set/1</c>.</param>
    /// <param name="type">The type of the resource, for example <c>snapshot</c>.</param>
    /// <param name="cancellationToken">Cancels the recording.</param>
    /// <returns>A task that completes when the record is durable.</returns>
    ValueTask IntendAsync(string intent, string type, CancellationToken cancellationToken = default);

    /// <summary>Records that a resource exists.</summary>
    /// <param name="intent">The attempt that created it.</param>
    /// <param name="type">The type of the resource.</param>
    /// <param name="id">The id of the resource.</param>
    /// <param name="cancellationToken">Cancels the recording.</param>
    /// <returns>A task that completes when the record is durable.</returns>
    ValueTask CreatedAsync(string intent, string type, string id, CancellationToken cancellationToken = default);

    /// <summary>Records that a resource outlives the execution on purpose: it is a baseline now.</summary>
    /// <param name="id">The id of the resource.</param>
    /// <param name="cancellationToken">Cancels the recording.</param>
    /// <returns>A task that completes when the record is durable.</returns>
    ValueTask KeptAsync(string id, CancellationToken cancellationToken = default);

    /// <summary>Records that a resource is gone.</summary>
    /// <param name="id">The id of the resource.</param>
    /// <param name="cancellationToken">Cancels the recording.</param>
    /// <returns>A task that completes when the record is durable.</returns>
    ValueTask DeletedAsync(string id, CancellationToken cancellationToken = default);
}
