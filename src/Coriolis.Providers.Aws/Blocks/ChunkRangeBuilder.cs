using Coriolis.Providers.Aws.Ebs;

namespace Coriolis.Providers.Aws.Blocks;

/// <summary>Turns consecutive runs of blocks into ranges of whole chunks: coalesced, ascending, without overlap.</summary>
/// <remarks>Not safe for concurrent use. Holds the chunk that is not complete yet and the range that may still grow, nothing else.</remarks>
internal sealed class ChunkRangeBuilder(long diskSize, int chunkSize)
{
    private readonly Queue<ChunkRange> _ready = new();
    private readonly int _blocksPerChunk = chunkSize / EbsLimits.BlockSize;
    private long _nextBlock;
    private bool _openHasZero;
    private bool _openHasUnchanged;
    private bool _openHasData;
    private long _runStart;
    private long _runEnd;
    private BlockKind _runKind;

    /// <summary>Adds the blocks from the end of the last run up to <paramref name="endBlock"/>, which all are of one kind.</summary>
    public void Add(long endBlock, BlockKind kind)
    {
        while (_nextBlock < endBlock)
        {
            var inChunk = _nextBlock % _blocksPerChunk;
            if (inChunk == 0 && endBlock - _nextBlock >= _blocksPerChunk)
            {
                var chunks = (endBlock - _nextBlock) / _blocksPerChunk;
                AddChunks(chunks, kind);
                _nextBlock += chunks * _blocksPerChunk;
                continue;
            }

            Mark(kind);
            _nextBlock = Math.Min(endBlock, _nextBlock - inChunk + _blocksPerChunk);
            if (_nextBlock % _blocksPerChunk == 0)
            {
                CloseChunk();
            }
        }
    }

    /// <summary>Takes a range that cannot grow any more.</summary>
    public bool TryTake(out ChunkRange range) => _ready.TryDequeue(out range);

    /// <summary>Makes what is known of complete chunks available, without waiting whether the range grows.</summary>
    public void Flush()
    {
        if (_runEnd > _runStart && _runKind != BlockKind.Unchanged)
        {
            var offset = _runStart * chunkSize;
            var end = Math.Min(_runEnd * chunkSize, diskSize);
            _ready.Enqueue(new ChunkRange(offset, end - offset, _runKind == BlockKind.Zero ? ChunkKind.Zero : ChunkKind.Data));
        }

        _runStart = _runEnd;
    }

    /// <summary>Closes the last chunk, which may be shorter, and makes everything available.</summary>
    public void Complete()
    {
        if (_nextBlock % _blocksPerChunk != 0)
        {
            CloseChunk();
        }

        Flush();
    }

    private void Mark(BlockKind kind)
    {
        _openHasZero |= kind == BlockKind.Zero;
        _openHasUnchanged |= kind == BlockKind.Unchanged;
        _openHasData |= kind == BlockKind.Data;
    }

    private void CloseChunk()
    {
        // Zeros beside unchanged blocks make a chunk that must be read as a whole.
        var kind = _openHasData || (_openHasZero && _openHasUnchanged) ? BlockKind.Data
            : _openHasZero ? BlockKind.Zero
            : BlockKind.Unchanged;
        _openHasZero = _openHasUnchanged = _openHasData = false;
        AddChunks(1, kind);
    }

    private void AddChunks(long count, BlockKind kind)
    {
        if (kind != _runKind)
        {
            Flush();
            _runKind = kind;
        }

        _runEnd += count;
    }
}
