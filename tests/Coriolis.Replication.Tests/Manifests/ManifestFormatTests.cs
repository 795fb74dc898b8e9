using System.Security.Cryptography;
using Coriolis.Providers;

namespace Coriolis.Replication.Tests;

/// <summary>The bytes of docs/manifest-format.md, computed by a program that shares no code with the engine.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class ManifestFormatTests : IDisposable
{
    private const string Header =
        "8943524d0d0a1a0a01000000010000000010000000040000102700000000000003000000000000008000b796ab49de08"
        + "09007265706c6963612d310300692d310500766f6c2d310600736e61702d310600657865632d31";

    private const string Trailer =
        "894352450d0a1a0a030000000000000064c4c373c9ec981a913c03a805b5551c590c4de60fcae617ceb570f6351b42a2"
        + "0335fbc4a292d7b53695ca00abb9ef6001857a390f7de48e5d7be36ecc9044eb";

    private readonly string _path = Path.GetTempFileName();

    public void Dispose() => File.Delete(_path);

    [Test]
    public async Task Seal_KnownDisk_WritesTheBytesOfTheSpecification()
    {
        var root = WriteKnownManifest();

        var file = await File.ReadAllBytesAsync(_path);
        Assert.That(file, Has.Length.EqualTo(36_976));
        Assert.That(Convert.ToHexStringLower(file.AsSpan(0, 87)), Is.EqualTo(Header));
        Assert.That(Convert.ToHexStringLower(file.AsSpan(36_896)), Is.EqualTo(Trailer));
        Assert.That(Convert.ToHexStringLower(SHA256.HashData(file)), Is.EqualTo("3b89a6abacda66ed612daa9bc616978663a4f061188456d77088e1786b893a20"));
        Assert.That(root.ToString(), Is.EqualTo("64c4c373c9ec981a913c03a805b5551c590c4de60fcae617ceb570f6351b42a2"));
    }

    [Test]
    public async Task Open_KnownDisk_ReadsWhatTheSpecificationSays()
    {
        WriteKnownManifest();
        var digests = new ChunkDigest[3];

        using var manifest = ManifestFile.Open(_path);
        await manifest.ReadDigestsAsync(0, digests);

        Assert.That(manifest.Info, Is.EqualTo(TestManifests.Describe(10_000)));
        Assert.That(digests, Is.EqualTo([Digest(0x11), ChunkDigest.Zero, Digest(0x22)]));
    }

    [Test]
    public void HashPage_OfZeros_IsTheConstantOfTheSpecification()
    {
        Assert.That(
            ManifestLayout.ZeroPageHash.ToString(),
            Is.EqualTo("c35020473aed1b4642cd726cad727b63fff2824ad68cedd7ffb73c7cbd890479"));
    }

    private static ChunkDigest Digest(byte value) => new(Enumerable.Repeat(value, ChunkDigest.Size).ToArray());

    private ChunkDigest WriteKnownManifest() =>
        TestManifests.Write(_path, TestManifests.Describe(10_000), [Digest(0x11), ChunkDigest.Zero, Digest(0x22)]);
}
