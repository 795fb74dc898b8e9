namespace Coriolis.Cli;

/// <summary>What <c>status --json</c> prints.</summary>
internal sealed record StatusDocument(IReadOnlyList<ReplicaStatusDocument> Replicas);
