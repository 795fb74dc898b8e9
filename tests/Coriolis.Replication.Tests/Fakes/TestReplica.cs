using Coriolis.Destinations.Conformance;

namespace Coriolis.Replication.Tests;

/// <summary>A source, a destination and a state directory, and the engine between them.</summary>
internal sealed class TestReplica : IDisposable
{
    public const int ChunkSize = 4096;

    private readonly string _folder = Directory.CreateTempSubdirectory("coriolis-replication-").FullName;

    public FakeSource Source { get; } = new();

    public InMemoryDestination Destination { get; set; } = new();

    public ReplicationOptions Options { get; } = new() { ChunkSize = ChunkSize, MemoryBudgetBytes = 16 * ChunkSize };

    public TimeProvider TimeProvider { get; set; } = TimeProvider.System;

    public string StateDirectory => Path.Combine(_folder, "state");

    public string ReplicaDirectory => Path.Combine(StateDirectory, "i-1");

    public ReplicationEngine Engine => field ??= CreateEngine();

    public ReplicaStateStore States => field ??= new ReplicaStateStore(StateDirectory);

    public ReplicaPipeline Pipeline => new(Source, Destination, States, Engine);

    public ReplicaVerifier Verifier => new(Destination, States, Engine);

    public byte[] AddVolume(string id, int chunks, int seed = 1)
    {
        var bytes = new byte[chunks * ChunkSize];
        Fill(bytes, 0, bytes.Length, seed);
        return Source.Volumes[id] = bytes;
    }

    public static void Fill(byte[] bytes, int offset, int length, int seed) => new Random(seed).NextBytes(bytes.AsSpan(offset, length));

    public Task<ExecutionReport> RunAsync(ReplicationRequest? request = null, CancellationToken cancellationToken = default) =>
        Pipeline.RunAsync(request ?? new ReplicationRequest { Instance = "web" }, null, cancellationToken);

    public void AssertReplicaEqualsSource()
    {
        foreach (var (id, bytes) in Source.Volumes)
        {
            Assert.That(Destination.Disks[id].Bytes.AsSpan().SequenceEqual(bytes), $"{id} differs");
        }
    }

    /// <summary>Nothing is left in the account but one snapshot per manifest, and no buffer is in use.</summary>
    public async Task AssertNothingLeftBehindAsync()
    {
        var inventory = await States.ReadInventoryAsync();
        Assert.That(Source.Snapshots.Keys, Is.SubsetOf(inventory.KeepIds));
        Assert.That(inventory.EndedExecutionIds, Is.Empty);
        Assert.That(Engine.Buffers.Rented, Is.Zero);
    }

    public void Dispose()
    {
        Engine.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private ReplicationEngine CreateEngine() =>
        new(Microsoft.Extensions.Options.Options.Create(Options), new ReplicationInstruments(), TimeProvider);
}
