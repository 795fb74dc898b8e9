namespace Coriolis.Cli;

/// <summary>What <c>instances --json</c> prints.</summary>
internal sealed record InstancesDocument(IReadOnlyList<InstanceDocument> Instances);
