namespace Coriolis.Worker.Protocol;

/// <summary>What the agent says of itself.</summary>
/// <remarks>Immutable; safe for concurrent use. Counters begin at zero when the agent starts.</remarks>
public sealed record WorkerHealth
{
    /// <summary>How long the agent has been running.</summary>
    public required TimeSpan Uptime { get; init; }

    /// <summary>Resident memory in bytes.</summary>
    public required long ResidentBytes { get; init; }

    /// <summary>Bytes read from devices.</summary>
    public required long BytesRead { get; init; }

    /// <summary>Bytes that were all-zero chunks.</summary>
    public required long ZeroBytes { get; init; }

    /// <summary>Bytes that could not be read.</summary>
    public required long UnreadableBytes { get; init; }

    /// <summary>Requests being worked on.</summary>
    public required int ActiveRequests { get; init; }

    internal static WorkerHealth ReadFrom(PayloadReader payload)
    {
        var health = new WorkerHealth
        {
            Uptime = TimeSpan.FromMilliseconds(payload.ReadUInt32()),
            ResidentBytes = payload.ReadInt64(),
            BytesRead = payload.ReadInt64(),
            ZeroBytes = payload.ReadInt64(),
            UnreadableBytes = payload.ReadInt64(),
            ActiveRequests = payload.ReadInt32(),
        };
        payload.EnsureEnd();
        return health;
    }

    internal ReadOnlyMemory<byte> ToFrame(uint requestId) => new FrameBuilder(FrameType.Pong, requestId)
        .UInt32((uint)Math.Min(Uptime.TotalMilliseconds, uint.MaxValue))
        .Int64(ResidentBytes)
        .Int64(BytesRead)
        .Int64(ZeroBytes)
        .Int64(UnreadableBytes)
        .Int32(ActiveRequests)
        .Complete();
}
