using Coriolis.Providers;

namespace Coriolis.Destinations.Conformance;

/// <summary>What a disk in memory holds.</summary>
public sealed class InMemoryDisk(string replicaId)
{
    /// <summary>The bytes that would survive a power failure.</summary>
    private byte[] _durableBytes = [];

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

    internal void Flush()
    {
        if (_durableBytes.Length != Bytes.Length)
        {
            _durableBytes = new byte[Bytes.Length];
        }

        Bytes.CopyTo(_durableBytes, 0);
    }

    internal InMemoryDisk AfterCrash(bool loseUnflushed)
    {
        var bytes = new byte[Bytes.Length];
        var survived = loseUnflushed ? _durableBytes : Bytes;
        survived.CopyTo(bytes, 0);
        return new InMemoryDisk(ReplicaId) { Bytes = bytes, _durableBytes = [.. bytes], Content = Content };
    }

    /// <summary>Makes the content unknown, as a destination does that notices a modification.</summary>
    public void Tamper(Action<byte[]> change)
    {
        change(Bytes);
        Content = DestinationContent.Unknown("modified after the last commit");
    }
}
