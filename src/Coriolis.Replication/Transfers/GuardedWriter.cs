using System.Runtime.CompilerServices;
using Coriolis.Providers;

namespace Coriolis.Replication;

/// <summary>
/// A disk writer that keeps the limits of the one behind it, names the disk in every failure, and is disposed of in a
/// bounded time even when calls to it never return.
/// </summary>
internal sealed class GuardedWriter : IDiskWriter
{
    private readonly IDiskWriter _inner;
    private readonly DiskDescriptor _disk;
    private readonly ReplicationEngine _engine;
    private readonly SemaphoreSlim _turns;
    private readonly int _maxConcurrency;

    public GuardedWriter(IDiskWriter inner, DiskDescriptor disk, ReplicationEngine engine)
    {
        _inner = inner;
        _disk = disk;
        _engine = engine;
        _maxConcurrency = Math.Max(inner.Capabilities.MaxConcurrency, 1);
        _turns = new SemaphoreSlim(_maxConcurrency);
    }

    public WriterCapabilities Capabilities => _inner.Capabilities;

    public DestinationContent Content => _inner.Content;

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public async ValueTask WriteAsync(long offset, ReadOnlyMemory<byte> data, CancellationToken cancellationToken = default)
    {
        await _turns.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await _inner.WriteAsync(offset, data, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (IsForeign(e))
        {
            throw Wrap(e, $"write {data.Length} bytes at byte {offset} of");
        }
        finally
        {
            _turns.Release();
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public async ValueTask WriteZeroesAsync(long offset, long length, CancellationToken cancellationToken = default)
    {
        await _turns.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await _inner.WriteZeroesAsync(offset, length, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (IsForeign(e))
        {
            throw Wrap(e, $"zero {length} bytes at byte {offset} of");
        }
        finally
        {
            _turns.Release();
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public async ValueTask ReadAsync(long offset, Memory<byte> destination, CancellationToken cancellationToken = default)
    {
        await _turns.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await _inner.ReadAsync(offset, destination, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (IsForeign(e))
        {
            throw Wrap(e, $"read {destination.Length} bytes at byte {offset} of");
        }
        finally
        {
            _turns.Release();
        }
    }

    public async Task FlushAsync(CancellationToken cancellationToken = default)
    {
        await _turns.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await _inner.FlushAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (IsForeign(e))
        {
            throw Wrap(e, "flush");
        }
        finally
        {
            _turns.Release();
        }
    }

    public async Task CommitAsync(IDiskManifest manifest, CancellationToken cancellationToken = default)
    {
        // On a thread of its own: a writer that flushes a file blocks the caller until that is done.
        var commit = Task.Run(() => CommitInTurnAsync(manifest, cancellationToken), cancellationToken);
        await StoppableWork.WaitAsync(commit, _engine, cancellationToken).ConfigureAwait(false);
        if (!commit.IsCompleted)
        {
            // Whether it is committed after all shows when the disk is opened next time.
            throw new OperationCanceledException(cancellationToken);
        }

        await commit.ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync()
    {
        var disposal = Task.Run(DisposeWhenIdleAsync);
        await StoppableWork.WaitAsync(disposal, _engine, new CancellationToken(canceled: true)).ConfigureAwait(false);
        if (!disposal.IsCompleted)
        {
            _engine.Logger.WriterAbandoned(_disk.DiskId, _engine.Options.StopTimeout);
        }
        else if (disposal.Exception is { } failure)
        {
            // Not thrown: it would hide why the disk is being closed.
            _engine.Logger.WriterNotClosed(failure.InnerException!, _disk.DiskId);
        }
    }

    private async Task CommitInTurnAsync(IDiskManifest manifest, CancellationToken cancellationToken)
    {
        await _turns.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await _inner.CommitAsync(manifest, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (IsForeign(e))
        {
            throw Wrap(e, "commit");
        }
        finally
        {
            _turns.Release();
        }
    }

    // Disposal must not overlap with a call, so it takes every turn first.
    private async Task DisposeWhenIdleAsync()
    {
        for (var i = 0; i < _maxConcurrency; i++)
        {
            await _turns.WaitAsync(CancellationToken.None).ConfigureAwait(false);
        }

        await _inner.DisposeAsync().ConfigureAwait(false);
    }

    private static bool IsForeign(Exception exception) => exception is not (CoriolisException or OperationCanceledException);

    private DestinationException Wrap(Exception cause, string operation) =>
        new($"The destination failed to {operation} disk {_disk.DiskId}: {cause.Message}", cause) { ResourceId = _disk.DiskId };
}
