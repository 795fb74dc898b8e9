using Coriolis.Providers;

namespace Coriolis.Destinations;

/// <summary>Writes one raw disk.</summary>
internal sealed class RawDiskWriter : IDiskWriter
{
    private static readonly byte[] s_zeroes = new byte[1024 * 1024];

    private readonly Lock _gate = new();
    private readonly RawTarget _target;
    private readonly RawMarkerFile _marker;
    private readonly DiskDescriptor _disk;
    private readonly UncachedFile? _uncached;
    private readonly Preallocation? _preallocation;
    private volatile bool _isDirty;
    private bool _isNew;

    public RawDiskWriter(RawTarget target, RawMarkerFile marker, DiskDescriptor disk, int maxConcurrency)
    {
        _target = target;
        _marker = marker;
        _disk = disk;
        _isNew = target.IsNew;
        _uncached = UncachedFile.TryOpen(target.Handle);
        if (_uncached is not null && target is { IsFile: true, IsNew: true })
        {
            var folder = new DriveInfo(Path.GetDirectoryName(Path.GetFullPath(target.Path))!);
            _preallocation = new Preallocation(target.Handle, disk.SizeBytes, () => folder.AvailableFreeSpace);
        }

        Capabilities = new WriterCapabilities { MaxConcurrency = maxConcurrency, CanReadBack = true, CanFlush = true };
    }

    public WriterCapabilities Capabilities { get; }

    public DestinationContent Content => _target.Content;

    public ValueTask WriteAsync(long offset, ReadOnlyMemory<byte> data, CancellationToken cancellationToken = default)
    {
        CheckRange(offset, data.Length);
        cancellationToken.ThrowIfCancellationRequested();
        try
        {
            // Linux has no asynchronous file write that .NET uses: to queue it would only block another thread of the pool.
            MarkDirty();
            _preallocation?.Prepare(offset, data.Length);
            if (_uncached?.TryWrite(data.Span, offset) != true)
            {
                RandomAccess.Write(_target.Handle, data.Span, offset);
            }

            return ValueTask.CompletedTask;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw RawErrors.Failed(_target.Path, "write", offset, data.Length, e);
        }
    }

    public async ValueTask WriteZeroesAsync(long offset, long length, CancellationToken cancellationToken = default)
    {
        CheckRange(offset, length);
        try
        {
            MarkDirty();
            if (length > 0 && !NativeFile.TryPunchHole(_target.Handle, offset, length))
            {
                await FillWithZeroesAsync(offset, length, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw RawErrors.Failed(_target.Path, "zero", offset, length, e);
        }
    }

    public async ValueTask ReadAsync(long offset, Memory<byte> destination, CancellationToken cancellationToken = default)
    {
        CheckRange(offset, destination.Length);
        try
        {
            while (destination.Length > 0)
            {
                var count = await RandomAccess.ReadAsync(_target.Handle, destination, offset, cancellationToken).ConfigureAwait(false);
                if (count == 0)
                {
                    // A disk that grew is longer than its file until the first write.
                    destination.Span.Clear();
                    return;
                }

                destination = destination[count..];
                offset += count;
            }
        }
        catch (IOException e)
        {
            throw RawErrors.Failed(_target.Path, "read", offset, destination.Length, e);
        }
    }

    public Task FlushAsync(CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        try
        {
            RandomAccess.FlushToDisk(_target.Handle);
            return Task.CompletedTask;
        }
        catch (IOException e)
        {
            throw RawErrors.Failed(_target.Path, "flush", 0, _disk.SizeBytes, e);
        }
    }

    public Task CommitAsync(IDiskManifest manifest, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(manifest);
        cancellationToken.ThrowIfCancellationRequested();
        try
        {
            SetLength();
            _preallocation?.Release();
            RandomAccess.FlushToDisk(_target.Handle);
            var file = _target.IsFile ? NativeFile.Identify(_target.Handle) : null;
            _marker.Write(RawMarkerState.Clean, manifest.ContentRoot.ToString(), manifest.Info.ExecutionId, file);
            _isDirty = false;
            _isNew = false;
            return Task.CompletedTask;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw RawErrors.Failed(_target.Path, "flush", 0, _disk.SizeBytes, e);
        }
    }

    public ValueTask DisposeAsync()
    {
        if (_isNew && !_isDirty && !_target.Handle.IsClosed)
        {
            File.Delete(_target.Path);
            if (_target.IsMarkerNew)
            {
                _marker.Delete();
            }
        }

        if (!_target.Handle.IsClosed)
        {
            _preallocation?.Release();
        }

        _uncached?.Dispose();
        _target.Handle.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>Says durably that the disk is being written, before its first byte changes.</summary>
    private void MarkDirty()
    {
        if (_isDirty)
        {
            return;
        }

        lock (_gate)
        {
            if (!_isDirty)
            {
                _marker.Write(RawMarkerState.Dirty);
                SetLength();
                _isDirty = true;
            }
        }
    }

    private void SetLength()
    {
        if (_target.IsFile && RandomAccess.GetLength(_target.Handle) != _disk.SizeBytes)
        {
            RandomAccess.SetLength(_target.Handle, _disk.SizeBytes);
        }
    }

    private async ValueTask FillWithZeroesAsync(long offset, long length, CancellationToken cancellationToken)
    {
        while (length > 0)
        {
            var piece = s_zeroes.AsMemory(0, (int)Math.Min(length, s_zeroes.Length));
            await RandomAccess.WriteAsync(_target.Handle, piece, offset, cancellationToken).ConfigureAwait(false);
            offset += piece.Length;
            length -= piece.Length;
        }
    }

    private void CheckRange(long offset, long length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, _disk.SizeBytes - offset);
    }
}
