using Microsoft.Win32.SafeHandles;

namespace Coriolis.Aws.Emulator.Storage;

/// <summary>
/// The bytes of all stored snapshots: one sparse file of block-sized slots, shared between snapshots by counting references. The counts
/// live in memory only and are rebuilt from the snapshots' indexes, so a crash leaves at worst unreferenced slots, which are used again.
/// </summary>
internal sealed class BlockPool : IDisposable
{
    /// <summary>Stands for a written block of zeros, which takes no space.</summary>
    public const int ZeroSlot = -1;

    private readonly Lock _gate = new();
    private readonly SafeFileHandle _file;
    private readonly List<int> _references = [];
    private readonly Stack<int> _free = new();

    public BlockPool(string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        _file = File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read);
    }

    public int UsedSlots
    {
        get
        {
            lock (_gate)
            {
                return _references.Count - _free.Count;
            }
        }
    }

    /// <summary>Takes up the slots of an index that was read from disk. Call <see cref="CompleteLoad"/> after the last one.</summary>
    public void Load(IEnumerable<SnapshotBlock> blocks)
    {
        lock (_gate)
        {
            foreach (var block in blocks)
            {
                while (_references.Count <= block.Slot)
                {
                    _references.Add(0);
                }

                if (block.Slot != ZeroSlot)
                {
                    _references[block.Slot]++;
                }
            }
        }
    }

    public void CompleteLoad()
    {
        lock (_gate)
        {
            RandomAccess.SetLength(_file, (long)_references.Count * BlockStore.BlockSize);
            for (var slot = _references.Count - 1; slot >= 0; slot--)
            {
                if (_references[slot] == 0)
                {
                    SparseFile.Punch(_file, (long)slot * BlockStore.BlockSize, BlockStore.BlockSize);
                    _free.Push(slot);
                }
            }
        }
    }

    /// <summary>Stores a block in a slot of its own, referenced once.</summary>
    public async ValueTask<int> AddAsync(ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        var slot = Allocate();
        try
        {
            await RandomAccess.WriteAsync(_file, data, (long)slot * BlockStore.BlockSize, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            Release(slot);
            throw;
        }

        return slot;
    }

    public ValueTask ReadAsync(int slot, Memory<byte> destination, CancellationToken cancellationToken)
    {
        if (slot != ZeroSlot)
        {
            return SparseFile.ReadFullyAsync(_file, destination, (long)slot * BlockStore.BlockSize, cancellationToken);
        }

        destination.Span.Clear();
        return ValueTask.CompletedTask;
    }

    public void Retain(int slot)
    {
        if (slot == ZeroSlot)
        {
            return;
        }

        lock (_gate)
        {
            _references[slot]++;
        }
    }

    public void Release(int slot)
    {
        if (slot == ZeroSlot)
        {
            return;
        }

        lock (_gate)
        {
            if (--_references[slot] > 0)
            {
                return;
            }
        }

        // The slot is nobody's until it is pushed, so its space can be given back outside the lock.
        SparseFile.Punch(_file, (long)slot * BlockStore.BlockSize, BlockStore.BlockSize);
        lock (_gate)
        {
            _free.Push(slot);
        }
    }

    public void Dispose() => _file.Dispose();

    private int Allocate()
    {
        lock (_gate)
        {
            if (_free.TryPop(out var slot))
            {
                _references[slot] = 1;
                return slot;
            }

            _references.Add(1);
            return _references.Count - 1;
        }
    }
}
