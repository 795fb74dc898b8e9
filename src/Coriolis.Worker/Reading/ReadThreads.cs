namespace Coriolis.Worker;

/// <summary>
/// The threads that wait for disks. A volume made from a snapshot is fetched from S3 on first touch, so that many reads must wait at
/// once; the thread pool, which also moves the network's data, is not the place for that.
/// </summary>
internal sealed class ReadThreads : IDisposable
{
    // Nothing of the class library's: those that block also spin, and on a worker with two cores that takes them away from hashing.
    private readonly Queue<ChunkRead> _queue = [];
    private readonly List<Thread> _threads = [];
    private bool _isEnding;

    public ReadThreads(int count)
    {
        for (var i = 0; i < count; i++)
        {
            var thread = new Thread(Work, maxStackSize: 128 * 1024) { IsBackground = true, Name = $"disk {i}" };
            thread.Start();
            _threads.Add(thread);
        }
    }

    /// <summary>Queues a read. The queue is as short as there are buffers: each read brings its own.</summary>
    public Task<ChunkResult> Enqueue(ChunkRead read)
    {
        lock (_queue)
        {
            _queue.Enqueue(read);
            Monitor.Pulse(_queue);
        }

        return read.Task;
    }

    public void Dispose()
    {
        lock (_queue)
        {
            _isEnding = true;
            Monitor.PulseAll(_queue);
        }

        _threads.ForEach(thread => thread.Join());
    }

    /// <summary>Waits for a read; <see langword="null"/> when there will be no more.</summary>
    private ChunkRead? Dequeue()
    {
        lock (_queue)
        {
            while (_queue.Count == 0 && !_isEnding)
            {
                Monitor.Wait(_queue);
            }

            return _queue.TryDequeue(out var read) ? read : null;
        }
    }

    private void Work()
    {
        var hashers = new Dictionary<HashKind, ChunkHasher>();
        while (Dequeue() is { } read)
        {
            if (!hashers.TryGetValue(read.Hash, out var hasher))
            {
                hashers[read.Hash] = hasher = new ChunkHasher(read.Hash);
            }

            read.Execute(hasher);
        }

        foreach (var hasher in hashers.Values)
        {
            hasher.Dispose();
        }
    }
}
