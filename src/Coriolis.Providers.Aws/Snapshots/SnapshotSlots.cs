using System.Collections.Concurrent;

namespace Coriolis.Providers.Aws;

/// <summary>
/// Bounds the snapshots that are pending at once in one account and region: AWS fails the 101st of all its users
/// . One instance serves the whole process.
/// </summary>
internal sealed class SnapshotSlots : IDisposable
{
    private readonly ConcurrentDictionary<(string Account, string Region), Pool> _pools = new();

    /// <summary>Waits for a number of slots.</summary>
    /// <returns>The slots; disposing gives them back.</returns>
    public async Task<IDisposable> AcquireAsync(string account, string region, int count, int limit, CancellationToken cancellationToken)
    {
        var pool = _pools.GetOrAdd((account, region), static (_, limit) => new Pool(limit), limit);
        return await pool.AcquireAsync(Math.Min(count, pool.Limit), cancellationToken).ConfigureAwait(false);
    }

    public void Dispose()
    {
        foreach (var pool in _pools.Values)
        {
            pool.Dispose();
        }
    }

    private sealed class Pool(int limit) : IDisposable
    {
        private readonly SemaphoreSlim _slots = new(limit);

        // One at a time collects slots; two that each hold half of what they need would wait for each other for ever.
        private readonly SemaphoreSlim _turn = new(1);

        public int Limit => limit;

        public void Dispose()
        {
            _slots.Dispose();
            _turn.Dispose();
        }

        public async Task<IDisposable> AcquireAsync(int count, CancellationToken cancellationToken)
        {
            var lease = new Lease(_slots);
            await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
            try
            {
                while (lease.Count < count)
                {
                    await _slots.WaitAsync(cancellationToken).ConfigureAwait(false);
                    lease.Count++;
                }

                return lease;
            }
            catch
            {
                lease.Dispose();
                throw;
            }
            finally
            {
                _turn.Release();
            }
        }
    }

    private sealed class Lease(SemaphoreSlim slots) : IDisposable
    {
        public int Count { get; set; }

        public void Dispose()
        {
            if (Count > 0)
            {
                slots.Release(Count);
                Count = 0;
            }
        }
    }
}
