using Coriolis.Destinations.Conformance;
using Coriolis.Providers;

namespace Coriolis.Replication.Tests;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class ReplicaVerifierTests : IDisposable
{
    private const int Chunk = TestReplica.ChunkSize;

    private readonly TestReplica _replica = new();

    public void Dispose() => _replica.Dispose();

    [Test]
    public async Task VerifyAsync_UntouchedReplica_IsEqual()
    {
        _replica.AddVolume("vol-1", chunks: 20);
        _replica.AddVolume("vol-2", chunks: 3);
        var run = await _replica.RunAsync();

        var report = await _replica.Verifier.VerifyAsync("i-1");

        Assert.That(report.IsEqual, Is.True);
        Assert.That(report.Disks.Select(disk => disk.ContentRoot), Is.EqualTo(run.Disks.Select(disk => disk.ContentRoot)));
    }

    [Test]
    public async Task VerifyAsync_DamagedChunks_ReportsTheirRanges()
    {
        _replica.AddVolume("vol-1", chunks: 20);
        await _replica.RunAsync();
        _replica.Destination.Disks["vol-1"].Tamper(bytes =>
        {
            bytes[3 * Chunk]++;
            bytes[4 * Chunk]++;
            bytes[^1]++;
        });

        var disk = (await _replica.Verifier.VerifyAsync("i-1")).Disks.Single();

        Assert.That(disk.Status, Is.EqualTo(VerificationStatus.Different));
        Assert.That(disk.DifferentChunks, Is.EqualTo(3));
        Assert.That(disk.DifferentRanges, Is.EqualTo([new ChunkRange(3 * Chunk, 2 * Chunk), new ChunkRange(19 * Chunk, Chunk)]));
        Assert.That(disk.DestinationState, Is.EqualTo("modified after the last commit"));
    }

    [Test]
    public async Task VerifyAsync_ManyDamagedChunks_CapsTheRanges()
    {
        _replica.AddVolume("vol-1", chunks: 300);
        await _replica.RunAsync();
        _replica.Destination.Disks["vol-1"].Tamper(bytes =>
        {
            for (var chunk = 0; chunk < 300; chunk += 2)
            {
                bytes[chunk * Chunk]++;
            }
        });

        var disk = (await _replica.Verifier.VerifyAsync("i-1")).Disks.Single();

        Assert.That(disk.DifferentChunks, Is.EqualTo(150));
        Assert.That(disk.DifferentRanges, Has.Count.EqualTo(100));
    }

    [Test]
    public async Task VerifyAsync_LostDisk_IsMissingAndTheOthersAreCompared()
    {
        _replica.AddVolume("vol-1", chunks: 2);
        _replica.AddVolume("vol-2", chunks: 2);
        await _replica.RunAsync();
        _replica.Destination.Remove("vol-1");

        var report = await _replica.Verifier.VerifyAsync("i-1");

        Assert.That(report.Disks.Select(disk => disk.Status), Is.EqualTo([VerificationStatus.Missing, VerificationStatus.Equal]));
        Assert.That(report.IsEqual, Is.False);
    }

    [Test]
    public async Task VerifyAsync_CorruptManifest_FailsThatDisk()
    {
        _replica.AddVolume("vol-1", chunks: 2);
        await _replica.RunAsync();
        await File.WriteAllBytesAsync(Path.Combine(_replica.ReplicaDirectory, "vol-1.manifest"), new byte[10_000]);

        var disk = (await _replica.Verifier.VerifyAsync("i-1")).Disks.Single();

        Assert.That(disk.Status, Is.EqualTo(VerificationStatus.Failed));
        Assert.That(disk.Error, Is.TypeOf<IntegrityException>());
    }

    [Test]
    [Platform("Linux", Reason = "Links need no rights there.")]
    public async Task VerifyAsync_LinkInPlaceOfAManifest_FailsThatDiskAndComparesTheOthers()
    {
        _replica.AddVolume("vol-1", chunks: 2);
        _replica.AddVolume("vol-2", chunks: 2);
        await _replica.RunAsync();
        var manifest = Path.Combine(_replica.ReplicaDirectory, "vol-1.manifest");
        File.Move(manifest, manifest + ".moved");
        File.CreateSymbolicLink(manifest, manifest + ".moved");

        var report = await _replica.Verifier.VerifyAsync("i-1");

        Assert.That(report.Disks.Select(disk => disk.Status), Is.EqualTo([VerificationStatus.Failed, VerificationStatus.Equal]));
        Assert.That(report.Disks[0].Error, Is.TypeOf<ReplicaStateException>().With.Message.Contains(manifest).And.Property("Remedy").Contains("put it there"));
        Assert.That(_replica.Destination.Disks.Values.Any(disk => disk.IsOpen), Is.False);
        Assert.That(new FileInfo(manifest).LinkTarget, Is.Not.Null);
    }

    [Test]
    public async Task VerifyAsync_GrownDiskWhoseManifestIsPending_PublishesItAndComparesAll([Values] bool isDamaged)
    {
        var bytes = _replica.AddVolume("vol-1", chunks: 2);
        await _replica.RunAsync();
        TestReplica.Fill(_replica.AddVolume("vol-1", chunks: 5, seed: 2), 0, 3 * Chunk, seed: 3);
        _replica.Destination.OnCall = (operation, _, _) => operation == "committed" ? throw new IOException("the power is gone") : ValueTask.CompletedTask;
        await _replica.RunAsync();
        _replica.Destination.OnCall = null;
        var disk = _replica.Destination.Disks["vol-1"];
        if (isDamaged)
        {
            // Without a word: what the destination says about itself stays.
            disk.Bytes[^1]++;
        }

        var verification = (await _replica.Verifier.VerifyAsync("i-1")).Disks.Single();

        Assert.That(verification.Status, Is.EqualTo(isDamaged ? VerificationStatus.Different : VerificationStatus.Equal), verification.Error?.ToString());
        Assert.That(verification.DifferentRanges, Is.EqualTo(isDamaged ? [new ChunkRange(4 * Chunk, Chunk)] : Array.Empty<ChunkRange>()));
        Assert.That(verification.SizeBytes, Is.EqualTo(5 * Chunk).And.GreaterThan(bytes.Length));
        Assert.That(Path.Combine(_replica.ReplicaDirectory, "vol-1.pending"), Does.Not.Exist);
        Assert.That(disk.IsOpen, Is.False);
    }

    [Test]
    public async Task VerifyAsync_DestinationThatCannotBeRead_FailsWithTheRemedy()
    {
        _replica.Destination = new InMemoryDestination { Capabilities = new WriterCapabilities { CanReadBack = false } };
        _replica.AddVolume("vol-1", chunks: 2);
        await _replica.RunAsync();

        var disk = (await _replica.Verifier.VerifyAsync("i-1")).Disks.Single();

        Assert.That(disk.Error, Is.TypeOf<DestinationException>().With.Message.Contains("cannot be read back"));
    }

    [Test]
    public async Task VerifyAsync_ManifestWithAnotherChunkSize_IsStillCompared()
    {
        _replica.AddVolume("vol-1", chunks: 8);
        await _replica.RunAsync();
        var options = Microsoft.Extensions.Options.Options.Create(new ReplicationOptions { ChunkSize = 2 * Chunk });
        using var engine = new ReplicationEngine(options, new ReplicationInstruments(), TimeProvider.System);

        var report = await new ReplicaVerifier(_replica.Destination, _replica.States, engine).VerifyAsync("i-1");

        Assert.That(report.IsEqual, Is.True);
    }

    [Test]
    public async Task VerifyAsync_DisksWithAnotherChunkSize_ShareOneBudget()
    {
        _replica.AddVolume("vol-1", chunks: 40);
        _replica.AddVolume("vol-2", chunks: 40);
        await _replica.RunAsync();
        var options = Microsoft.Extensions.Options.Options.Create(new ReplicationOptions { ChunkSize = 2 * Chunk, MemoryBudgetBytes = 4 * Chunk });
        using var engine = new ReplicationEngine(options, new ReplicationInstruments(), TimeProvider.System);
        var gate = new Lock();
        var reads = 0;
        var uncounted = 0;
        _replica.Destination.OnCall = async (operation, _, _) =>
        {
            if (operation == "read")
            {
                // Every read holds a buffer of the shared ones, of which there are only as many as the budget allows.
                lock (gate)
                {
                    uncounted = Math.Max(uncounted, ++reads - engine.BuffersFor(Chunk).Rented);
                }

                await Task.Yield();
                lock (gate)
                {
                    reads--;
                }
            }
        };

        var report = await new ReplicaVerifier(_replica.Destination, _replica.States, engine).VerifyAsync("i-1");

        Assert.That(report.IsEqual, Is.True);
        Assert.That(uncounted, Is.LessThanOrEqualTo(0));
        Assert.That(engine.BuffersFor(Chunk).Capacity, Is.EqualTo(4));
        Assert.That(engine.BuffersFor(Chunk).Rented, Is.Zero);
        Assert.That(engine.BuffersFor(2 * Chunk), Is.SameAs(engine.Buffers));
    }

    [Test]
    public void VerifyAsync_NoReplica_Throws()
    {
        Assert.That(async () => await _replica.Verifier.VerifyAsync("i-2"), Throws.TypeOf<ReplicaStateException>());
    }
}
