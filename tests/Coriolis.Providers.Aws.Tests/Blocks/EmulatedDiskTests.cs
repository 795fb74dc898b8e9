using System.Security.Cryptography;
using Amazon.EC2.Model;
using Amazon.Runtime;
using Amazon.SecurityToken;
using Amazon.SecurityToken.Model;
using Coriolis.Aws.Emulator;
using Coriolis.Providers.Aws.Ebs;
using Coriolis.Providers.Aws.Tests.Support;

namespace Coriolis.Providers.Aws.Tests.Blocks;

/// <summary>The block source against the emulated service: real sockets, signatures that are checked, faults on the wire.</summary>
public sealed class EmulatedDiskTests
{
    private static readonly SortedDictionary<int, byte> s_written = new() { [0] = 1, [1] = 2, [700] = 3, [2047] = 4 };

    private EmulatedDisk _disk = null!;

    [SetUp]
    public async Task SetUp()
    {
        _disk = await EmulatedDisk.CreateAsync();
        foreach (var (block, fill) in s_written)
        {
            _disk.Write(block, fill);
        }
    }

    [TearDown]
    public async Task TearDown() => await _disk.DisposeAsync();

    [Test]
    public async Task ReadAsync_WholeDisk_IsWhatWasWritten()
    {
        using var source = _disk.Open(await _disk.SnapshotAsync());

        var read = await EmulatedDisk.ReadChangesAsync(source);

        Assert.That(read, Is.EqualTo(s_written));
    }

    [Test]
    public async Task ReadAsync_SinceABaseline_IsWhatWasWrittenSince()
    {
        var first = await _disk.SnapshotAsync();
        _disk.Write(1, 9);
        _disk.Write(1000, 8);
        using var source = _disk.Open(await _disk.SnapshotAsync());

        var read = await EmulatedDisk.ReadChangesAsync(source, new FakeManifest(first, EmulatedDisk.SizeBytes));

        Assert.That(read, Is.EqualTo(new SortedDictionary<int, byte> { [1] = 9, [1000] = 8 }));
        Assert.That(source.FullComparisonReason, Is.Null);
    }

    [TestCase("ebs:GetSnapshotBlock", FaultKind.Throttle)]
    [TestCase("ebs:GetSnapshotBlock", FaultKind.ServerError)]
    [TestCase("ebs:GetSnapshotBlock", FaultKind.DropConnection)]
    [TestCase("ebs:GetSnapshotBlock", FaultKind.TornBody)]
    [TestCase("ebs:GetSnapshotBlock", FaultKind.WrongChecksum)]
    [TestCase("ebs:GetSnapshotBlock", FaultKind.CorruptBytes)]
    [TestCase("ebs:GetSnapshotBlock", FaultKind.WrongLength)]
    [TestCase("ebs:GetSnapshotBlock", FaultKind.NotFound)]
    [TestCase("ebs:ListSnapshotBlocks", FaultKind.Throttle)]
    [TestCase("ebs:ListSnapshotBlocks", FaultKind.ServerError)]
    [TestCase("ebs:ListSnapshotBlocks", FaultKind.DropConnection)]
    [TestCase("ebs:ListSnapshotBlocks", FaultKind.TornBody)]
    [TestCase("ebs:ListSnapshotBlocks", FaultKind.NotFound)]
    [TestCase("ebs:ListSnapshotBlocks", FaultKind.EmptyPage)]
    public async Task ReadAsync_FaultThatPasses_StillReadsEverything(string operation, FaultKind fault)
    {
        using var source = _disk.Open(await _disk.SnapshotAsync());
        _disk.Fail(operation, fault, count: 2);

        var read = await EmulatedDisk.ReadChangesAsync(source);

        Assert.That(read, Is.EqualTo(s_written));
        Assert.That(_disk.Account.CallsOf(operation), Is.EqualTo((operation == "ebs:GetSnapshotBlock" ? s_written.Count : 1) + 2));
    }

    [Test]
    public async Task ReadAsync_BlockTokenExpires_ListsAgain()
    {
        using var source = _disk.Open(await _disk.SnapshotAsync());
        _disk.Fail("ebs:GetSnapshotBlock", FaultKind.ExpiredToken, count: 1, skip: 1);

        var read = await EmulatedDisk.ReadChangesAsync(source);

        Assert.That(read, Is.EqualTo(s_written));
        Assert.That(_disk.Account.CallsOf("ebs:ListSnapshotBlocks"), Is.EqualTo(2));
    }

    [Test]
    public async Task GetChangesAsync_PageTokenExpiresAfterAShortPage_ListsAgainFromThere()
    {
        for (var block = 100; block < 130; block++)
        {
            _disk.Write(block, 5);
        }

        using var source = _disk.Open(await _disk.SnapshotAsync(), pageSize: 100);
        _disk.Fail("ebs:ListSnapshotBlocks", FaultKind.ShortPage, count: 1);
        _disk.Fail("ebs:ListSnapshotBlocks", FaultKind.ExpiredToken, count: 1, reason: "INVALID_PAGE_TOKEN", skip: 1);

        var read = await EmulatedDisk.ReadChangesAsync(source);

        Assert.That(read, Has.Count.EqualTo(s_written.Count + 30));
        Assert.That(_disk.Account.CallsOf("ebs:ListSnapshotBlocks"), Is.EqualTo(3));
    }

    [TestCase(FaultKind.AccessDenied, "Allow ebs:GetSnapshotBlock")]
    [TestCase(FaultKind.ExpiredCredentials, "renew it (aws sso login)")]
    [TestCase(FaultKind.DisabledKey, "kms:Decrypt")]
    public async Task ReadAsync_Refused_SaysWhatToDoAtOnce(FaultKind fault, string remedy)
    {
        using var source = _disk.Open(await _disk.SnapshotAsync());
        _disk.Fail("ebs:GetSnapshotBlock", fault, count: 1);

        Assert.That(
            async () => await EmulatedDisk.ReadChangesAsync(source),
            Throws.TypeOf<SourceAccessDeniedException>().With.Property("Remedy").Contains(remedy).And.Property("RequestId").Not.Null);
        Assert.That(_disk.Account.CallsOf("ebs:GetSnapshotBlock"), Is.EqualTo(1));
    }

    [Test]
    public async Task ReadAsync_BytesAreAlwaysWrong_ThrowsIntegrityException()
    {
        using var source = _disk.Open(await _disk.SnapshotAsync());
        _disk.Fail("ebs:GetSnapshotBlock", FaultKind.CorruptBytes, count: 100);

        Assert.That(async () => await EmulatedDisk.ReadChangesAsync(source), Throws.TypeOf<IntegrityException>().With.Message.Contains("block 0"));
        Assert.That(_disk.Account.CallsOf("ebs:GetSnapshotBlock"), Is.EqualTo(4));
    }

    [Test]
    public async Task GetChangesAsync_BaselineOfAnotherVolume_ListsEverything()
    {
        var other = await _disk.SnapshotAsync(await EmulatedDisk.CreateVolumeAsync(_disk.Account));
        using var source = _disk.Open(await _disk.SnapshotAsync());

        var read = await EmulatedDisk.ReadChangesAsync(source, new FakeManifest(other, EmulatedDisk.SizeBytes));

        Assert.That(read, Is.EqualTo(s_written));
        Assert.That(source.FullComparisonReason, Is.EqualTo("UNRELATED_SNAPSHOTS"));
    }

    [Test]
    public async Task GetChangesAsync_BaselineDeleted_ListsEverythingWithoutWaitingForIt()
    {
        var first = await _disk.SnapshotAsync();
        using var source = _disk.Open(await _disk.SnapshotAsync());
        await _disk.Account.Ec2.DeleteSnapshotAsync(new DeleteSnapshotRequest { SnapshotId = first });

        var read = await EmulatedDisk.ReadChangesAsync(source, new FakeManifest(first, EmulatedDisk.SizeBytes));

        Assert.That(read, Is.EqualTo(s_written));
        Assert.That(_disk.Account.CallsOf("ebs:ListChangedBlocks"), Is.EqualTo(1));
    }

    [Test]
    public async Task GetChangesAsync_SnapshotDeleted_SaysThatItIsGone()
    {
        var snapshotId = await _disk.SnapshotAsync();
        using var source = _disk.Open(snapshotId);
        await _disk.Account.Ec2.DeleteSnapshotAsync(new DeleteSnapshotRequest { SnapshotId = snapshotId });

        Assert.That(
            async () => await EmulatedDisk.ReadChangesAsync(source),
            Throws.TypeOf<SourceException>().With.Message.Contains(snapshotId).And.Message.Contains("Look for what deletes snapshots"));
    }

    [Test]
    public async Task ReadAsync_WrongSecret_SaysSo()
    {
        using var client = _disk.CreateClient(new BasicAWSCredentials(_disk.Account.Emulator.AccessKeyId, "wrong"));
        using var source = _disk.Open(await _disk.SnapshotAsync(), client);

        Assert.That(
            async () => await EmulatedDisk.ReadChangesAsync(source),
            Throws.TypeOf<SourceAccessDeniedException>().With.Property("Remedy").Contains("secret access key"));
    }

    [Test]
    public async Task ReadAsync_SessionOfARole_IsAccepted()
    {
        var emulator = _disk.Account.Emulator;
        using var sts = new AmazonSecurityTokenServiceClient(
            new BasicAWSCredentials(emulator.AccessKeyId, emulator.SecretAccessKey),
            new AmazonSecurityTokenServiceConfig { ServiceURL = emulator.Endpoint.AbsoluteUri, AuthenticationRegion = TestAccount.Region });
        var session = await sts.AssumeRoleAsync(new AssumeRoleRequest { RoleArn = "arn:aws:iam::123456789012:role/reader", RoleSessionName = "test" });
        using var client = _disk.CreateClient(
            new SessionAWSCredentials(session.Credentials.AccessKeyId, session.Credentials.SecretAccessKey, session.Credentials.SessionToken));
        using var source = _disk.Open(await _disk.SnapshotAsync(), client);

        var read = await EmulatedDisk.ReadChangesAsync(source);

        Assert.That(read, Is.EqualTo(s_written));
    }

    [Test]
    public async Task PutSnapshotBlockAsync_StartedSnapshot_ReadsBackWhatWasWritten()
    {
        var client = _disk.Client;
        var fresh = _disk.Account.Clock.GetUtcNow().AddSeconds(120);
        var data = new byte[EmulatedDisk.BlockSize];
        data.AsSpan().Fill(7);
        _disk.Fail("ebs:PutSnapshotBlock", FaultKind.ServerError, count: 1);

        var started = await client.StartSnapshotAsync(new StartSnapshotRequest { VolumeSize = 1, ClientToken = "once" }, CancellationToken.None);
        var digest = await client.PutSnapshotBlockAsync(started.SnapshotId, 5, data, fresh, CancellationToken.None);
        var checksum = SHA256.HashData(SHA256.HashData(data));
        await client.CompleteSnapshotAsync(started.SnapshotId, 1, checksum, CancellationToken.None);

        using var source = _disk.Open(started.SnapshotId);
        Assert.That(digest, Is.EqualTo(ChunkDigest.Compute(data)));
        Assert.That(await EmulatedDisk.ReadChangesAsync(source), Is.EqualTo(new SortedDictionary<int, byte> { [5] = 7 }));
    }
}
