namespace Coriolis.Providers;

/// <summary>The size of an instance.</summary>
/// <remarks>Immutable; safe for concurrent use.</remarks>
/// <param name="Name">The cloud's name for the size, for example <c>t3.medium</c>.</param>
/// <param name="VCpus">Number of virtual CPUs.</param>
/// <param name="MemoryMiB">Memory in MiB.</param>
public sealed record InstanceFlavor(string Name, int VCpus, long MemoryMiB);
