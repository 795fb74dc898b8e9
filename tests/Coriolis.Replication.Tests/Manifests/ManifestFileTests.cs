using Coriolis.Providers;
using CsCheck;

namespace Coriolis.Replication.Tests;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class ManifestFileTests : IDisposable
{
    private readonly string _path = Path.GetTempFileName();

    public void Dispose() => File.Delete(_path);

    [Test]
    public void ReadDigestsAsync_AnyDigests_ReturnsWhatWasSealed()
    {
        var entries = Gen.Frequency((3, Gen.Const(ChunkDigest.Zero)), (1, Gen.Int[0, 10_000].Select(TestManifests.Digest)));

        Gen.Select(entries.Array[0, 3000], Gen.Int[0, 3000], Gen.Int[0, 3000]).Sample(
            (digests, first, count) =>
            {
                var path = Path.GetTempFileName();
                try
                {
                    var info = TestManifests.Describe((long)digests.Length * TestReplica.ChunkSize);
                    var root = TestManifests.Write(path, info, digests);
                    using var manifest = ManifestFile.Open(path);
                    first = Math.Min(first, digests.Length);
                    var read = new ChunkDigest[Math.Min(count, digests.Length - first)];
                    manifest.ReadDigestsAsync(first, read).AsTask().GetAwaiter().GetResult();

                    return manifest.Info == info && manifest.ContentRoot == root
                        && read.AsSpan().SequenceEqual(digests.AsSpan(first, read.Length));
                }
                finally
                {
                    File.Delete(path);
                }
            },
            iter: 50);
    }

    [Test]
    public void Open_SameContentOfAnotherDisk_HasTheSameRoot()
    {
        var digests = Enumerable.Range(0, 10).Select(TestManifests.Digest).ToList();
        var info = TestManifests.Describe(10 * TestReplica.ChunkSize);

        var root = TestManifests.Write(_path, info, digests);
        var other = info with { DiskId = "vol-2", ReplicaId = "replica-2", SourceReference = "snap-2", ExecutionId = "exec-2" };

        Assert.That(TestManifests.Write(_path, other, digests), Is.EqualTo(root));
    }

    [Test]
    public void Open_AnotherSizeOrChunkSizeOrDigest_HasAnotherRoot()
    {
        var digests = Enumerable.Range(0, 10).Select(TestManifests.Digest).ToList();
        var size = 10L * TestReplica.ChunkSize;

        ChunkDigest[] roots =
        [
            TestManifests.Write(_path, TestManifests.Describe(size), digests),
            TestManifests.Write(_path, TestManifests.Describe(size - 1), digests),
            TestManifests.Write(_path, TestManifests.Describe(size * 2, TestReplica.ChunkSize * 2), digests),
            TestManifests.Write(_path, TestManifests.Describe(size), [.. digests.Take(9), ChunkDigest.Zero]),
        ];

        Assert.That(roots, Is.Unique);
    }

    [Test]
    public async Task ReadDigestsAsync_AnyFlippedByte_IsNoticed()
    {
        var digests = Enumerable.Range(0, 1500).Select(i => i % 3 == 0 ? ChunkDigest.Zero : TestManifests.Digest(i)).ToArray();
        TestManifests.Write(_path, TestManifests.Describe(1500L * TestReplica.ChunkSize), digests);
        var intact = await File.ReadAllBytesAsync(_path);
        var offsets = Enumerable.Range(0, intact.Length).Where(i => i % 211 == 0 || i < 64 || i >= intact.Length - 160).ToList();

        foreach (var offset in offsets)
        {
            var damaged = (byte[])intact.Clone();
            damaged[offset] ^= 0x40;
            await File.WriteAllBytesAsync(_path, damaged);

            Assert.That(ReadAll, Throws.InstanceOf<CoriolisException>(), $"byte {offset}");
        }

        Assert.That(offsets, Has.Count.GreaterThan(400));
    }

    [Test]
    public async Task Open_TruncatedAnywhere_ThrowsIntegrityException()
    {
        TestManifests.Write(_path, TestManifests.Describe(8 * TestReplica.ChunkSize), [TestManifests.Digest(1)]);
        var intact = await File.ReadAllBytesAsync(_path);

        foreach (var length in new[] { 0, 7, 4095, 4096, 4097, intact.Length - 80, intact.Length - 1 })
        {
            await File.WriteAllBytesAsync(_path, intact[..length]);

            Assert.That(ReadAll, Throws.TypeOf<IntegrityException>().With.Message.Contains(_path), $"{length} bytes");
        }
    }

    [Test]
    public void Open_DraftThatWasNotSealed_ThrowsIntegrityException()
    {
        using (ManifestDraft.Create(_path, TestManifests.Describe(8 * TestReplica.ChunkSize), null, CancellationToken.None))
        {
        }

        Assert.That(ReadAll, Throws.TypeOf<IntegrityException>());
    }

    [Test]
    public async Task Open_NewerVersion_ThrowsReplicaStateException()
    {
        TestManifests.Write(_path, TestManifests.Describe(TestReplica.ChunkSize), [TestManifests.Digest(1)]);
        var bytes = await File.ReadAllBytesAsync(_path);
        bytes[8] = 2;
        await File.WriteAllBytesAsync(_path, bytes);

        Assert.That(ReadAll, Throws.TypeOf<ReplicaStateException>().With.Message.Contains("version 2"));
    }

    [Test]
    public void Write_16TiBDiskWithFewChunks_TakesLittleSpaceAndMemory()
    {
        var info = TestManifests.Describe(16L << 40, ChunkRange.DefaultChunkSize);
        using (var draft = ManifestDraft.Create(_path, info, null, CancellationToken.None))
        {
            draft.Set(0, TestManifests.Digest(0));
            draft.Set(info.ChunkCount - 1, TestManifests.Digest(1));
            var before = GC.GetAllocatedBytesForCurrentThread();

            draft.Seal(CancellationToken.None);

            Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.LessThan(4 * 1024 * 1024));
        }

        using var manifest = ManifestFile.Open(_path);
        var last = new ChunkDigest[1];
        manifest.ReadDigestsAsync(info.ChunkCount - 1, last).AsTask().GetAwaiter().GetResult();
        Assert.That(last[0], Is.EqualTo(TestManifests.Digest(1)));
        Assert.That(new FileInfo(_path).Length, Is.GreaterThan(1L << 30));
    }

    private void ReadAll()
    {
        using var manifest = ManifestFile.Open(_path);
        var digests = new ChunkDigest[manifest.Info.ChunkCount];
        manifest.ReadDigestsAsync(0, digests).AsTask().GetAwaiter().GetResult();
    }
}
