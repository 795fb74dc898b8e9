using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Coriolis.Providers;

namespace Coriolis.Replication.Tests;

/// <summary>An instance whose volumes are byte arrays and whose snapshots are copies of them.</summary>
internal sealed class FakeSource(string instanceId = "i-1") : IReplicaSourceProvider
{
    private readonly Dictionary<string, SortedDictionary<string, string>> _captures = [];
    private int _snapshots;

    public SortedDictionary<string, byte[]> Volumes { get; } = [];

    /// <summary>The bytes of every snapshot that exists.</summary>
    public ConcurrentDictionary<string, byte[]> Snapshots { get; } = new();

    /// <summary>Called before each operation with its name (inspect, capture, changes, read, retain, release, sweep) and disk.</summary>
    public Func<string, string?, CancellationToken, ValueTask>? OnCall { get; set; }

    /// <summary>The snapshots that are marked as baselines, with their volumes.</summary>
    public ConcurrentDictionary<string, string> Kept { get; } = new();

    public List<CaptureOutcome> Releases { get; } = [];

    public List<SweepRequest> Sweeps { get; } = [];

    public CaptureRequest? LastRequest { get; private set; }

    public Task ValidateConnectionAsync(CancellationToken cancellationToken = default) => Task.CompletedTask;

    public IAsyncEnumerable<InstanceSummary> ListInstancesAsync(InstanceFilter filter, CancellationToken cancellationToken = default) =>
        AsyncEnumerable.Empty<InstanceSummary>();

    public async Task<SourceInstance> GetInstanceAsync(string idOrName, CancellationToken cancellationToken = default)
    {
        await CallAsync("inspect", null, cancellationToken);
        return new SourceInstance
        {
            Id = instanceId,
            Name = idOrName,
            Region = "eu-central-1",
            AvailabilityZone = "eu-central-1a",
            AccountId = "123456789012",
            Flavor = new InstanceFlavor("m6i.large", 2, 8192),
            Architecture = "x86_64",
            Firmware = FirmwareType.Bios,
            OsType = OsType.Linux,
            PowerState = PowerState.Running,
            Disks = [.. Volumes.Select(volume => Describe(volume.Key, volume.Value.Length))],
            Nics = [],
        };
    }

    public async Task<ISourceCapture> CaptureAsync(
        SourceInstance instance, CaptureRequest request, CancellationToken cancellationToken = default)
    {
        LastRequest = request;
        await CallAsync("capture", null, cancellationToken);
        var disks = new List<FakeBlockSource>();
        var captured = _captures[request.ExecutionId] = [];
        foreach (var (volumeId, bytes) in Volumes.Where(volume => !request.ExcludedDiskIds.Contains(volume.Key)))
        {
            var snapshotId = $"snap-{++_snapshots}";
            await request.Journal!.IntendAsync(snapshotId, "snapshot", cancellationToken);
            Snapshots[snapshotId] = [.. bytes];
            await request.Journal.CreatedAsync(snapshotId, "snapshot", snapshotId, cancellationToken);
            captured[volumeId] = snapshotId;
            disks.Add(new FakeBlockSource(this, Describe(volumeId, bytes.Length), snapshotId, request.ChunkSize));
        }

        return new FakeCapture(this, disks, request);
    }

    public async Task<ISourceCapture?> ResumeCaptureAsync(
        SourceInstance instance, CaptureRequest request, CancellationToken cancellationToken = default)
    {
        LastRequest = request;
        await CallAsync("resume", null, cancellationToken);
        var captured = _captures.GetValueOrDefault(request.ExecutionId) ?? [];
        var wanted = Volumes.Keys.Where(id => !request.ExcludedDiskIds.Contains(id));
        return wanted.All(id => captured.TryGetValue(id, out var snapshotId) && Snapshots.ContainsKey(snapshotId))
            ? new FakeCapture(this, [.. captured.Select(disk => new FakeBlockSource(
                this, Describe(disk.Key, Snapshots[disk.Value].Length), disk.Value, request.ChunkSize))], request)
            : null;
    }

    /// <summary>The account as it is, for another process.</summary>
    public FakeSource Copy()
    {
        var copy = new FakeSource(instanceId) { _snapshots = _snapshots };
        foreach (var (id, bytes) in Volumes)
        {
            copy.Volumes[id] = [.. bytes];
        }

        foreach (var (id, bytes) in Snapshots)
        {
            copy.Snapshots[id] = bytes;
        }

        foreach (var (id, volume) in Kept)
        {
            copy.Kept[id] = volume;
        }

        foreach (var (id, disks) in _captures)
        {
            copy._captures[id] = disks;
        }

        return copy;
    }

    public async Task<SweepReport> SweepAsync(SweepRequest request, CancellationToken cancellationToken = default)
    {
        Sweeps.Add(request);
        await CallAsync("sweep", null, cancellationToken);
        foreach (var id in Snapshots.Keys.Except(request.KeepIds))
        {
            Snapshots.TryRemove(id, out _);
        }

        return new SweepReport([]);
    }

    public ValueTask CallAsync(string operation, string? diskId, CancellationToken cancellationToken) =>
        OnCall?.Invoke(operation, diskId, cancellationToken) ?? ValueTask.CompletedTask;

    private static SourceDisk Describe(string volumeId, long sizeBytes) =>
        new() { Id = volumeId, DeviceName = "/dev/xvda", SizeBytes = sizeBytes, IsBoot = volumeId == "vol-1" };

    private sealed class FakeCapture(FakeSource source, List<FakeBlockSource> disks, CaptureRequest request) : ISourceCapture
    {
        private readonly ConcurrentDictionary<string, string> _retained = new();
        private bool _released;

        public DateTimeOffset PointInTime { get; } = DateTimeOffset.UnixEpoch.AddDays(20_000);

        public IReadOnlyList<IBlockSource> Disks => disks;

        public async Task RetainAsync(string diskId, CancellationToken cancellationToken = default)
        {
            await source.CallAsync("retain", diskId, cancellationToken);
            _retained[diskId] = disks.Single(disk => disk.Disk.Id == diskId).SourceReference;
        }

        public async Task<IReadOnlyList<LeftoverResource>> ReleaseAsync(CaptureOutcome outcome)
        {
            _released = true;
            source.Releases.Add(outcome);
            await source.CallAsync("release", null, CancellationToken.None);
            foreach (var disk in disks)
            {
                if (!_retained.ContainsKey(disk.Disk.Id))
                {
                    if (request.Baselines.GetValueOrDefault(disk.Disk.Id) == disk.SourceReference)
                    {
                        continue;
                    }

                    source.Snapshots.TryRemove(disk.SourceReference, out _);
                    await request.Journal!.DeletedAsync(disk.SourceReference);
                    continue;
                }

                var superseded = source.Kept.Where(kept => kept.Value == disk.Disk.Id).Select(kept => kept.Key);
                foreach (var id in superseded.Append(request.Baselines.GetValueOrDefault(disk.Disk.Id, "")).Where(id => id != disk.SourceReference))
                {
                    source.Snapshots.TryRemove(id, out _);
                    source.Kept.TryRemove(id, out _);
                }

                source.Kept[disk.SourceReference] = disk.Disk.Id;
                await request.Journal!.KeptAsync(disk.SourceReference);
            }

            return [];
        }

        public async ValueTask DisposeAsync()
        {
            if (!_released)
            {
                await ReleaseAsync(CaptureOutcome.Failed);
            }
        }
    }

    private sealed class FakeBlockSource(FakeSource source, SourceDisk disk, string snapshotId, int chunkSize) : IBlockSource
    {
        private readonly byte[] _bytes = source.Snapshots[snapshotId];

        public SourceDisk Disk => disk;

        public string SourceReference => snapshotId;

        public ReadPath ReadPath => ReadPath.Direct;

        public async IAsyncEnumerable<ChunkRange> GetChangesAsync(
            IDiskManifest? baseline, [EnumeratorCancellation] CancellationToken cancellationToken = default)
        {
            var before = baseline is null ? null : source.Snapshots.GetValueOrDefault(baseline.Info.SourceReference);
            for (var offset = 0; offset < _bytes.Length; offset += chunkSize)
            {
                await source.CallAsync("changes", disk.Id, cancellationToken);
                cancellationToken.ThrowIfCancellationRequested();
                var chunk = _bytes.AsMemory(offset, Math.Min(chunkSize, _bytes.Length - offset));
                if (before is null || !IsSame(before, offset, chunk))
                {
                    yield return new ChunkRange(offset, chunk.Length, ChunkDigest.Compute(chunk.Span).IsZero ? ChunkKind.Zero : ChunkKind.Data);
                }
            }
        }

        public async ValueTask<ChunkDigest> ReadAsync(long offset, Memory<byte> destination, CancellationToken cancellationToken = default)
        {
            await source.CallAsync("read", disk.Id, cancellationToken);
            _bytes.AsMemory((int)offset, destination.Length).CopyTo(destination);
            return ChunkDigest.Compute(destination.Span);
        }

        private static bool IsSame(byte[] before, int offset, ReadOnlyMemory<byte> chunk) =>
            offset < before.Length
            && before.AsSpan(offset, Math.Min(chunk.Length, before.Length - offset)).SequenceEqual(chunk.Span[..Math.Min(chunk.Length, before.Length - offset)]);
    }
}
