using Coriolis.Providers.Aws.Ebs;

namespace Coriolis.Providers.Aws.Blocks;

/// <summary>A checked page and the blocks that it makes a statement about.</summary>
/// <param name="Page">The entries.</param>
/// <param name="FirstBlock">The first block that the page covers.</param>
/// <param name="EndBlock">The block after the last one that it covers.</param>
/// <param name="ListsChanges">
/// Whether blocks that are covered but not listed equal the baseline; otherwise they were never written and read as zeros.
/// </param>
internal sealed record ListedPage(BlockPage Page, int FirstBlock, int EndBlock, bool ListsChanges)
{
    /// <summary>Whether the page covers a block.</summary>
    public bool Covers(int block) => block >= FirstBlock && block < EndBlock;
}
