namespace Coriolis.Providers;

/// <summary>What a disk of an instance is made of.</summary>
public enum DiskKind
{
    /// <summary>A network volume that can be snapshotted and replicated.</summary>
    Volume = 0,

    /// <summary>A disk of the host that loses its contents when the instance stops; reported, never replicated.</summary>
    InstanceStore,
}
