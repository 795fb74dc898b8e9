using System.Collections.Concurrent;

namespace Coriolis.Worker;

/// <summary>
/// The threads that wait for disks. A volume made from a snapshot is fetched from S3 on first touch, so that many reads must wait at
/// once; the thread pool, which also moves the network's data, is not the place for that.
/// </summary>
internal sealed class ReadThreads : IDisposable
{
    private readonly BlockingCollection<ChunkRead> _queue = [];
    private readonly List<Thread> _threads = [];

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
        _queue.Add(read);
        return read.Task;
    }

    public void Dispose()
    {
        _queue.CompleteAdding();
        _threads.ForEach(thread => thread.Join());
        _queue.Dispose();
    }

    private void Work()
    {
        var hashers = new Dictionary<HashKind, ChunkHasher>();
        foreach (var read in _queue.GetConsumingEnumerable())
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
