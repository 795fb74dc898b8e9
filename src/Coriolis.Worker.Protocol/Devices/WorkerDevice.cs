namespace Coriolis.Worker.Protocol;

/// <summary>One disk of the worker.</summary>
/// <remarks>
/// Immutable; safe for concurrent use. Names change between boots; find a disk by <see cref="Serial"/> or a by-id link and check its size.
/// </remarks>
public sealed record WorkerDevice
{
    /// <summary>The name under <c>/dev</c>, for example <c>nvme1n1</c>.</summary>
    public required string Name { get; init; }

    /// <summary>The path of the device node.</summary>
    public required string Path { get; init; }

    /// <summary>The size in bytes.</summary>
    public required long SizeBytes { get; init; }

    /// <summary>The serial number, for an EBS volume its id without the dash; empty when the device has none.</summary>
    public string Serial { get; init; } = "";

    /// <summary>The model, for example <c>Amazon Elastic Block Store</c>; empty when the device has none.</summary>
    public string Model { get; init; } = "";

    /// <summary>Names of the links in <c>/dev/disk/by-id</c> that lead to the device.</summary>
    public IReadOnlyList<string> Links { get; init; } = [];

    /// <summary>Size of a logical sector in bytes.</summary>
    public int LogicalSectorSize { get; init; } = 512;

    /// <summary>Size of a physical sector in bytes.</summary>
    public int PhysicalSectorSize { get; init; } = 512;

    /// <summary>Whether the worker itself uses the device: it or a partition of it is mounted, swapped to or held.</summary>
    public bool IsInUse { get; init; }

    /// <summary>Whether the device refuses writes.</summary>
    public bool IsReadOnly { get; init; }
}
