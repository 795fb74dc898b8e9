using Coriolis.Providers.Aws.Ebs;

namespace Coriolis.Providers.Aws.Blocks;

/// <summary>How a <see cref="DirectBlockSource"/> lists and reads.</summary>
internal sealed record DirectBlockSourceOptions
{
    /// <summary>Chunk size in bytes: a multiple of the block size.</summary>
    public int ChunkSize { get; init; } = ChunkRange.DefaultChunkSize;

    /// <summary>Entries per list call.</summary>
    public int PageSize { get; init; } = EbsLimits.MaxPageSize;

    /// <summary>Pages whose tokens are kept: full ones take about 1 MB each.</summary>
    public int CachedPages { get; init; } = 4;

    /// <summary>Blocks of one chunk that are read at the same time.</summary>
    public int BlocksInParallel { get; init; } = 8;
}
