using System.Security.Cryptography;

namespace Coriolis.Aws.Emulator.Storage;

/// <summary>
/// A snapshot that a client writes block by block. Each written block is appended to its file before the call is answered, so a
/// restart of the emulator does not lose it.
/// </summary>
internal sealed class PendingSnapshot : IDisposable
{
    private readonly Lock _gate = new();
    private readonly BlockPool _pool;
    private readonly SortedDictionary<int, SnapshotBlock> _inherited = [];
    private readonly SortedDictionary<int, SnapshotBlock> _written = [];
    private readonly FileStream _file;

    private PendingSnapshot(string path, SnapshotIdentity identity, BlockPool pool)
    {
        Identity = identity;
        _pool = pool;
        _file = new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.Read);
    }

    public SnapshotIdentity Identity { get; }

    public string Path => _file.Name;

    public int WrittenCount
    {
        get
        {
            lock (_gate)
            {
                return _written.Count;
            }
        }
    }

    public static PendingSnapshot Start(string path, SnapshotIdentity identity, StoredSnapshot? parent, BlockPool pool)
    {
        var inherited = parent is null ? [] : parent.Blocks.ToArray();
        SnapshotFile.Write(path, new SnapshotHeader(identity, null), inherited, inherited: true);
        var pending = new PendingSnapshot(path, identity, pool);
        foreach (var block in inherited)
        {
            pool.Retain(block.Slot);
            pending._inherited[block.Index] = block;
        }

        return pending;
    }

    public static PendingSnapshot Load(string path, BlockPool pool)
    {
        var (header, records) = SnapshotFile.Read(path);
        var pending = new PendingSnapshot(path, header.Identity, pool);
        foreach (var (block, inherited) in records)
        {
            (inherited ? pending._inherited : pending._written)[block.Index] = block;
        }

        pool.Load(pending._inherited.Values);
        pool.Load(pending._written.Values);
        return pending;
    }

    public async Task PutAsync(int index, ReadOnlyMemory<byte> data, BlockDigest digest, CancellationToken cancellationToken)
    {
        var zero = !data.Span.ContainsAnyExcept((byte)0);
        var slot = zero ? BlockPool.ZeroSlot : await _pool.AddAsync(data, cancellationToken).ConfigureAwait(false);
        var block = new SnapshotBlock(index, slot, digest);
        lock (_gate)
        {
            SnapshotFile.Append(_file, block);
            if (_written.TryGetValue(index, out var replaced))
            {
                _pool.Release(replaced.Slot);
            }

            _written[index] = block;
        }
    }

    /// <summary>Hashes the raw digests of the written blocks in ascending order: the LINEAR aggregate of CompleteSnapshot.</summary>
    public byte[] ComputeLinearDigest()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        lock (_gate)
        {
            foreach (var block in _written.Values)
            {
                var digest = block.Digest;
                hash.AppendData(digest);
            }
        }

        return hash.GetHashAndReset();
    }

    /// <summary>Ends the writing: the written blocks over the parent's. The caller owns the slots of the result.</summary>
    public SnapshotBlock[] Merge()
    {
        lock (_gate)
        {
            foreach (var (index, block) in _written)
            {
                if (_inherited.Remove(index, out var replaced))
                {
                    _pool.Release(replaced.Slot);
                }

                _inherited.Add(index, block);
            }

            return [.. _inherited.Values];
        }
    }

    public void ReleaseBlocks()
    {
        lock (_gate)
        {
            foreach (var block in _inherited.Values.Concat(_written.Values))
            {
                _pool.Release(block.Slot);
            }
        }
    }

    public void Dispose() => _file.Dispose();
}
