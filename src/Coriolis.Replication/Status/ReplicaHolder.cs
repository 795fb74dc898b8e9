namespace Coriolis.Replication;

/// <summary>Who has a replica to itself, for an execution or a verification.</summary>
/// <remarks>Immutable; safe for concurrent use.</remarks>
/// <param name="ProcessId">The process.</param>
/// <param name="Host">The machine that it runs on.</param>
/// <param name="Since">Since when.</param>
public sealed record ReplicaHolder(int ProcessId, string Host, DateTimeOffset Since)
{
    /// <inheritdoc/>
    public override string ToString() => $"process {ProcessId} on {Host} since {Since:u}";
}
