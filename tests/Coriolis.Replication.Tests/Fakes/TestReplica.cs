using Coriolis.Destinations.Conformance;

namespace Coriolis.Replication.Tests;

/// <summary>A source, a destination and a state directory, and the engine between them.</summary>
internal sealed class TestReplica : IDisposable
{
    public const int ChunkSize = 4096;

    // In memory where there is such a place: no test here cuts the power, and hundreds of runs flush thousands of times.
    private readonly string _folder = Directory.CreateDirectory(
        Path.Combine(Directory.Exists("/dev/shm") ? "/dev/shm" : Path.GetTempPath(), $"coriolis-replication-{Guid.NewGuid():N}")).FullName;

    public FakeSource Source { get; private init; } = new();

    public InMemoryDestination Destination { get; set; } = new();

    public ReplicationOptions Options { get; } = new() { ChunkSize = ChunkSize, MemoryBudgetBytes = 16 * ChunkSize };

    public TimeProvider TimeProvider { get; set; } = TimeProvider.System;

    public string StateDirectory => Path.Combine(_folder, "state");

    public string ReplicaDirectory => Path.Combine(StateDirectory, "i-1");

    public ReplicationEngine Engine => field ??= CreateEngine();

    public ReplicaStateStore States => field ??= new ReplicaStateStore(StateDirectory, TimeProvider);

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

    /// <summary>What there would be if the process ended now: another one finds it and goes on.</summary>
    /// <param name="power">Whether the power fails, so that the destination loses what was not flushed, and drafts what was not recorded.</param>
    public TestReplica AfterCrash(bool power)
    {
        var replica = new TestReplica { Source = Source.Copy(), Destination = Destination.AfterCrash(power), TimeProvider = TimeProvider };
        replica.Options.MaxReadsPerDisk = Options.MaxReadsPerDisk;
        replica.Options.ResumePointInterval = Options.ResumePointInterval;
        replica.Options.ResumeWithin = Options.ResumeWithin;
        foreach (var path in Directory.EnumerateFiles(StateDirectory, "*", SearchOption.AllDirectories).Where(path => !path.EndsWith("/lock", StringComparison.Ordinal)))
        {
            var copy = Path.Combine(replica.StateDirectory, Path.GetRelativePath(StateDirectory, path));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            using var from = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            using var to = File.Create(copy);
            from.CopyTo(to);
        }

        return replica;
    }

    public void Dispose()
    {
        Engine.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private ReplicationEngine CreateEngine() =>
        new(Microsoft.Extensions.Options.Options.Create(Options), new ReplicationInstruments(), TimeProvider);
}
