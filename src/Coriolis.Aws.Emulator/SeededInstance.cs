namespace Coriolis.Aws.Emulator;

/// <summary>An instance that was seeded.</summary>
/// <param name="InstanceId">Its id.</param>
/// <param name="VolumeIds">The ids of its volumes, in the order of the seed.</param>
/// <remarks>Immutable.</remarks>
public sealed record SeededInstance(string InstanceId, IReadOnlyList<string> VolumeIds);
