using Coriolis.Providers;

namespace Coriolis.Destinations.Conformance;

/// <summary>What a disk in memory holds.</summary>
public sealed class InMemoryDisk(string replicaId)
{
    /// <summary>The replica that the disk belongs to.</summary>
    public string ReplicaId { get; } = replicaId;

    /// <summary>The bytes. Whoever changes them behind the destination's back calls <see cref="Tamper"/>.</summary>
    public byte[] Bytes { get; internal set; } = [];

    /// <summary>What the next opening reports.</summary>
    public DestinationContent Content { get; internal set; } = DestinationContent.Zeroes("the disk is new");

    /// <summary>Bytes written with data since the disk was created.</summary>
    public long WrittenBytes { get; internal set; }

    /// <summary>Whether an execution has it open.</summary>
    public bool IsOpen { get; internal set; }

    /// <summary>Makes the content unknown, as a destination does that notices a modification.</summary>
    public void Tamper(Action<byte[]> change)
    {
        change(Bytes);
        Content = DestinationContent.Unknown("modified after the last commit");
    }
}
