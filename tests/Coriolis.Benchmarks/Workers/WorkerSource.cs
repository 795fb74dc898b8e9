using System.Net.Sockets;
using Coriolis.Providers;
using Coriolis.Worker.Protocol;

namespace Coriolis.Benchmarks.Workers;

/// <summary>An instance whose only disk is read through an agent on this machine: the worker read path without the cloud around it.</summary>
internal sealed class WorkerSource(WorkerClient client, WorkerDevice device) : IReplicaSourceProvider
{
    private const string DiskId = "vol-0123456789abcdef0";

    public Task ValidateConnectionAsync(CancellationToken cancellationToken = default) => Task.CompletedTask;

    public async IAsyncEnumerable<InstanceSummary> ListInstancesAsync(
        InstanceFilter filter, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await Task.CompletedTask;
        yield break;
    }

    public Task<SourceInstance> GetInstanceAsync(string idOrName, CancellationToken cancellationToken = default) => Task.FromResult(new SourceInstance
    {
        Id = idOrName,
        Name = idOrName,
        Region = "local",
        AvailabilityZone = "local",
        AccountId = "000000000000",
        Flavor = new InstanceFlavor("local", 2, 4096),
        Architecture = "x86_64",
        Firmware = FirmwareType.Bios,
        OsType = OsType.Linux,
        PowerState = PowerState.Running,
        Disks = [Disk],
        Nics = [],
    });

    public Task<ISourceCapture> CaptureAsync(SourceInstance instance, CaptureRequest request, CancellationToken cancellationToken = default) =>
        Task.FromResult<ISourceCapture>(new Capture(new Blocks(client, device, Disk)));

    public Task<SweepReport> SweepAsync(SweepRequest request, CancellationToken cancellationToken = default) =>
        throw new NotSupportedException("There is no account to sweep.");

    private SourceDisk Disk => new() { Id = DiskId, DeviceName = "/dev/sda1", SizeBytes = device.SizeBytes, IsBoot = true };

    /// <summary>Connects to the agent as the controller does.</summary>
    public static async Task<Stream> ConnectAsync(int port, WorkerCertificates certificates, CancellationToken cancellationToken)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync("127.0.0.1", port, cancellationToken);
        return await WorkerTls.AuthenticateAsync(new NetworkStream(socket, ownsSocket: true), certificates, cancellationToken);
    }

    private sealed class Capture(IBlockSource source) : ISourceCapture
    {
        public DateTimeOffset PointInTime { get; } = TimeProvider.System.GetUtcNow();

        public IReadOnlyList<IBlockSource> Disks { get; } = [source];

        public Task RetainAsync(string diskId, CancellationToken cancellationToken = default) => Task.CompletedTask;

        public Task<IReadOnlyList<LeftoverResource>> ReleaseAsync(CaptureOutcome outcome) => Task.FromResult<IReadOnlyList<LeftoverResource>>([]);

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }

    /// <summary>What the provider does in a full run: every chunk is read, and taken with the agent's digest.</summary>
    private sealed class Blocks(WorkerClient client, WorkerDevice device, SourceDisk disk) : IBlockSource
    {
        public SourceDisk Disk => disk;

        public string SourceReference => "snap-0123456789abcdef0";

        public ReadPath ReadPath => ReadPath.Worker;

        public async IAsyncEnumerable<ChunkRange> GetChangesAsync(
            IDiskManifest? baseline, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken = default)
        {
            await Task.CompletedTask;
            yield return new ChunkRange(0, disk.SizeBytes);
        }

        public async ValueTask<ChunkDigest> ReadAsync(long offset, Memory<byte> destination, CancellationToken cancellationToken = default)
        {
            var digest = new byte[ChunkDigest.Size];
            await client.ReadAsync(device, offset, destination, digest, cancellationToken);
            return new ChunkDigest(digest);
        }
    }
}
