namespace Coriolis.Providers.Aws.Blocks;

/// <summary>The tokens of the last few pages that were listed, so that memory does not depend on the size of the disk.</summary>
/// <remarks>Safe for concurrent use. Owns the pages: one that is pushed out or dropped is disposed.</remarks>
internal sealed class BlockTokenCache(int capacity, TimeProvider timeProvider)
{
    // Tokens this close to their expiry are not used any more: the request may wait for its turn.
    private static readonly TimeSpan s_expiryMargin = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private readonly LinkedList<ListedPage> _pages = new();

    /// <summary>Number of pages held.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _pages.Count;
            }
        }
    }

    /// <summary>Memory that the pages hold.</summary>
    public long SizeBytes
    {
        get
        {
            lock (_gate)
            {
                return _pages.Sum(page => page.Page.SizeBytes);
            }
        }
    }

    /// <summary>Adds a page and pushes out the one that was not used for longest.</summary>
    public void Add(ListedPage page)
    {
        lock (_gate)
        {
            _pages.AddFirst(page);
            if (_pages.Count > capacity)
            {
                Remove(_pages.Last!);
            }
        }
    }

    /// <summary>Looks a block up.</summary>
    /// <param name="block">The block.</param>
    /// <param name="token">Its token, when it is listed and has one.</param>
    /// <returns>
    /// <see cref="BlockKind.Data"/> with a token, <see cref="BlockKind.Zero"/>, or <see langword="null"/> when no page tells.
    /// </returns>
    public BlockKind? Find(int block, out string? token)
    {
        token = null;
        lock (_gate)
        {
            for (var node = _pages.First; node is not null; node = node.Next)
            {
                if (Find(node.Value, block) is not { } position)
                {
                    continue;
                }

                _pages.Remove(node);
                if (node.Value.Page.ExpiryTime - timeProvider.GetUtcNow() < s_expiryMargin)
                {
                    node.Value.Page.Dispose();
                    return null;
                }

                _pages.AddFirst(node);
                if (position < 0 || !node.Value.Page.HasToken(position))
                {
                    return BlockKind.Zero;
                }

                token = node.Value.Page.GetToken(position);
                return BlockKind.Data;
            }
        }

        return null;
    }

    /// <summary>Drops the page with a token that the service refused, unless it was replaced meanwhile.</summary>
    public void Drop(int block, string token)
    {
        lock (_gate)
        {
            for (var node = _pages.First; node is not null; node = node.Next)
            {
                if (Find(node.Value, block) is { } position and >= 0 && node.Value.Page.GetToken(position) == token)
                {
                    Remove(node);
                    return;
                }
            }
        }
    }

    /// <summary>Gives all memory back.</summary>
    public void Clear()
    {
        lock (_gate)
        {
            while (_pages.Last is { } last)
            {
                Remove(last);
            }
        }
    }

    // The position of the block's entry; negative when the page says that it was never written; null when it says nothing.
    private static int? Find(ListedPage listed, int block)
    {
        if (!listed.Covers(block))
        {
            return null;
        }

        var position = listed.Page.Indexes.BinarySearch(block);
        return position < 0 && listed.ListsChanges ? null : position;
    }

    private void Remove(LinkedListNode<ListedPage> node)
    {
        _pages.Remove(node);
        node.Value.Page.Dispose();
    }
}
