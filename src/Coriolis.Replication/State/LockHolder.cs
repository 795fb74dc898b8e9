namespace Coriolis.Replication;

/// <summary>Who holds the lock of a replica, for the message to whoever is refused.</summary>
internal sealed record LockHolder(int ProcessId, string Host, DateTimeOffset Since)
{
    public override string ToString() => $"process {ProcessId} on {Host} since {Since:u}";
}
