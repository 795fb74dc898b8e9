namespace Coriolis.Replication;

/// <summary>What <c>replica.json</c> holds.</summary>
internal sealed record ReplicaIdentity(string ReplicaId, string InstanceId, DateTimeOffset CreatedAt);
