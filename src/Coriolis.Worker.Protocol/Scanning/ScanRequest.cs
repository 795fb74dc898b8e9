namespace Coriolis.Worker.Protocol;

/// <summary>A scan on the wire.</summary>
internal sealed record ScanRequest(
    string DeviceName,
    long ExpectedSize,
    int WindowBytes,
    int ChunkSize,
    WorkerHash Hash,
    bool IncludeData,
    bool AllowCompression,
    IReadOnlyList<WorkerRange> Ranges)
{
    private const byte Data = 1;
    private const byte Compression = 2;

    public static ScanRequest ReadFrom(PayloadReader payload)
    {
        var device = payload.ReadString();
        var size = payload.ReadInt64();
        var window = payload.ReadInt32();
        var chunkSize = payload.ReadInt32();
        var hash = (WorkerHash)payload.ReadByte();
        var flags = payload.ReadByte();
        var count = payload.ReadInt32();
        if (count > ProtocolLimits.MaxRangesPerScan)
        {
            throw payload.Malformed($"{count} ranges");
        }

        var ranges = new List<WorkerRange>();
        for (var i = 0; i < count; i++)
        {
            var (offset, length) = (payload.ReadInt64(), payload.ReadInt64());
            ranges.Add(length <= long.MaxValue - offset ? new WorkerRange(offset, length) : throw payload.Malformed("a range without end"));
        }

        payload.EnsureEnd();
        return new ScanRequest(device, size, window, chunkSize, hash, (flags & Data) != 0, (flags & Compression) != 0, ranges);
    }

    /// <summary>Why the agent cannot do this; <see langword="null"/> when it can. The client asks itself first.</summary>
    public string? FindFault()
    {
        var maxChunkSize = IncludeData ? ProtocolLimits.MaxDataChunkSize : ProtocolLimits.MaxChunkSize;
        if (ChunkSize < ProtocolLimits.MinChunkSize || ChunkSize > maxChunkSize || ChunkSize % ProtocolLimits.MinChunkSize != 0)
        {
            return $"The chunk size {ChunkSize} is not a multiple of {ProtocolLimits.MinChunkSize} up to {maxChunkSize}.";
        }

        if (Hash is not (WorkerHash.Sha256 or WorkerHash.XxHash3))
        {
            return $"Digest {(int)Hash} is not known.";
        }

        if (WindowBytes < CostOfChunk(ChunkSize))
        {
            return $"The window of {WindowBytes} bytes is too small for one chunk; {CostOfChunk(ChunkSize)} are needed.";
        }

        long end = 0;
        foreach (var range in Ranges)
        {
            if (range.Length == 0 || range.Offset < end || range.End > ExpectedSize)
            {
                return $"The range of {range.Length} bytes at {range.Offset} is empty, out of order or beyond the device's {ExpectedSize} bytes.";
            }

            end = range.End;
        }

        return null;
    }

    /// <summary>What the result of a chunk may cost of the window at most.</summary>
    public int CostOfChunk(int length) => ProtocolLimits.ResultCost + (IncludeData ? length : 0);

    public ReadOnlyMemory<byte> ToFrame(uint requestId)
    {
        var frame = new FrameBuilder(FrameType.Scan, requestId)
            .String(DeviceName)
            .Int64(ExpectedSize)
            .Int32(WindowBytes)
            .Int32(ChunkSize)
            .Byte((byte)Hash)
            .Byte((byte)((IncludeData ? Data : 0) | (AllowCompression ? Compression : 0)))
            .Int32(Ranges.Count);
        foreach (var range in Ranges)
        {
            frame.Int64(range.Offset).Int64(range.Length);
        }

        return frame.Complete();
    }
}
