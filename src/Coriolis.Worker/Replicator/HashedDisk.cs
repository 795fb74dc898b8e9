using Coriolis.Worker.Protocol;

namespace Coriolis.Worker;

/// <summary>A disk whose chunks are hashed once, from the moment it is found.</summary>
internal sealed class HashedDisk
{
    private readonly Agent _agent;
    private readonly ReplicatorOptions _options;
    private readonly Dictionary<int, byte[]> _zeroDigests = [];
    private volatile HashingStatus _status;
    private volatile int _completed;

    public HashedDisk(Disk disk, ChunkTable? earlier, Agent agent, ReplicatorOptions options)
    {
        _agent = agent;
        _options = options;
        Disk = disk;
        Earlier = earlier;
        Chunks = new ChunkTable(disk.SizeBytes, options.ChunkSize, options.Hash);
        Checksum = new ChecksumJob(disk, agent, options.Hash);
    }

    public Disk Disk { get; }

    public ChunkTable Chunks { get; }

    /// <summary>What the state file says of this disk, if anything.</summary>
    public ChunkTable? Earlier { get; }

    public ChecksumJob Checksum { get; }

    public HashingStatus Status => _status;

    public int CompletedChunks => _completed;

    public int Percentage => Chunks.Count == 0 ? 100 : (int)(_completed * 100L / Chunks.Count);

    public bool IsHashed => _completed == Chunks.Count;

    /// <summary>
    /// Hashes all chunks. One that cannot be read counts as done: the client would otherwise wait for ever, while reading that chunk gives it
    /// the error.
    /// </summary>
    public async Task HashAsync(CancellationToken cancellationToken)
    {
        _status = HashingStatus.Running;
        var failed = false;
        try
        {
            using var file = DiskFile.Open(Disk);
            var chunks = ChunkPipeline.Cut([new WorkerRange(0, Disk.SizeBytes)], _options.ChunkSize);
            var results = _agent.Pipeline.ReadAsync(
                file, chunks, _options.Hash, keepData: false, ChunkPipeline.ScanDepth, beforeRead: null, cancellationToken);
            await foreach (var result in results.ConfigureAwait(false))
            {
                failed |= result.ErrorNumber != 0;
                Chunks.Set(_completed, StateOf(result), result.IsZero ? ZeroDigest(result.Length) : result.Digest);
                _completed++;
            }

            _status = failed ? HashingStatus.Failed : HashingStatus.Finished;
        }
        catch (DiskOpenException)
        {
            _status = HashingStatus.Failed;
            for (; _completed < Chunks.Count; _completed++)
            {
                Chunks.Set(_completed, ChunkState.Unreadable, new byte[ProtocolLimits.DigestSize]);
            }
        }
    }

    private static ChunkState StateOf(ChunkResult result) =>
        result.ErrorNumber != 0 ? ChunkState.Unreadable : result.IsZero ? ChunkState.Zero : ChunkState.Data;

    /// <summary>In this interface a chunk of zeros has the digest of its bytes, like any other; it is computed once for each length.</summary>
    private byte[] ZeroDigest(int length)
    {
        if (!_zeroDigests.TryGetValue(length, out var digest))
        {
            using var hasher = new ChunkHasher(_options.Hash);
            hasher.AppendZeros(length);
            digest = new byte[ProtocolLimits.DigestSize];
            hasher.Finish(digest);
            _zeroDigests[length] = digest;
        }

        return digest;
    }
}
