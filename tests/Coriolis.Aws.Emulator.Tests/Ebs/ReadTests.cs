using System.Security.Cryptography;
using Amazon.EC2.Model;
using Coriolis.Aws.Emulator.Storage;
using Coriolis.Aws.Emulator.Tests.Hosting;

namespace Coriolis.Aws.Emulator.Tests.Ebs;

internal sealed class ReadTests : BlockApiFixture
{
    [Test]
    public async Task ListSnapshotBlocks_WrittenAndZeroBlocks_AreListedAndHolesAreNot()
    {
        var (_, snapshotId) = await CreateVolumeAndSnapshotAsync((0, 1), (7, 0), (2047, 3));

        var listed = await ListAsync($"/snapshots/{snapshotId}/blocks", "Blocks");

        var page = await Ebs.GetJsonAsync($"/snapshots/{snapshotId}/blocks");
        Assert.That(listed, Is.EqualTo("0 7 2047"));
        Assert.That(page.GetProperty("VolumeSize").GetInt64(), Is.EqualTo(1));
        Assert.That(page.GetProperty("BlockSize").GetInt32(), Is.EqualTo(Block));
        Assert.That(page.GetProperty("ExpiryTime").GetDouble(), Is.EqualTo(Host.Time.GetUtcNow().AddDays(7).ToUnixTimeSeconds()));
    }

    [Test]
    public async Task GetSnapshotBlock_ListedBlock_AnswersBytesAndHeaders()
    {
        var (_, snapshotId) = await CreateVolumeAndSnapshotAsync((5, 9));

        using var response = await GetBlockAsync(snapshotId, 5, await FindTokenAsync(snapshotId, 5));

        var data = await response.Content.ReadAsByteArrayAsync();
        Assert.That(data.AsSpan().IndexOfAnyExcept((byte)9), Is.EqualTo(-1));
        Assert.That(data, Has.Length.EqualTo(Block));
        Assert.That(Header(response, "x-amz-Data-Length"), Is.EqualTo("524288"));
        Assert.That(Header(response, "x-amz-Checksum-Algorithm"), Is.EqualTo("SHA256"));
        Assert.That(Header(response, "x-amz-Checksum"), Is.EqualTo(Convert.ToBase64String(SHA256.HashData(data))));
        Assert.That(Header(response, "x-amzn-RequestId"), Is.Not.Empty);
    }

    [Test]
    public async Task ListSnapshotBlocks_MaxResults_PagesOfAtLeast100()
    {
        var (_, snapshotId) = await CreateVolumeAndSnapshotAsync([.. Enumerable.Range(0, 250).Select(index => (index * 2, (byte)0))]);

        var page = await Ebs.GetJsonAsync($"/snapshots/{snapshotId}/blocks?maxResults=5&startingBlockIndex=3");

        Assert.That(page.GetProperty("Blocks").GetArrayLength(), Is.EqualTo(100));
        Assert.That(page.GetProperty("Blocks")[0].GetProperty("BlockIndex").GetInt32(), Is.EqualTo(4));
        Assert.That(
            await ListAsync($"/snapshots/{snapshotId}/blocks?maxResults=100", "Blocks"),
            Is.EqualTo(string.Join(' ', Enumerable.Range(0, 250).Select(index => index * 2))));
    }

    [Test]
    public async Task ListSnapshotBlocks_ExactlyOnePage_HasNoToken()
    {
        var (_, snapshotId) = await CreateVolumeAndSnapshotAsync([.. Enumerable.Range(0, 100).Select(index => (index, (byte)0))]);

        var page = await Ebs.GetJsonAsync($"/snapshots/{snapshotId}/blocks?maxResults=100");

        Assert.That(page.TryGetProperty("NextToken", out _), Is.False);
    }

    [Test]
    public async Task ListChangedBlocks_WrittenZeroedPunchedAndNew_SaysWhichSideHasABlock()
    {
        var (volumeId, first) = await CreateVolumeAndSnapshotAsync((1, 1), (2, 2), (3, 3), (4, 4));
        WriteBlock(volumeId, 2, 20);
        WriteBlock(volumeId, 3, 0);
        WriteBlock(volumeId, 9, 9);
        Punch(volumeId, 4);

        var second = await CreateSnapshotAsync(volumeId);

        Assert.That(
            await ListAsync($"/snapshots/{second}/changedblocks?firstSnapshotId={first}", "ChangedBlocks"),
            Is.EqualTo("2:12 3:12 4:1- 9:-2"));
    }

    [Test]
    public async Task ListChangedBlocks_OtherVolume_AreUnrelated()
    {
        var (_, first) = await CreateVolumeAndSnapshotAsync((1, 1));
        var (_, second) = await CreateVolumeAndSnapshotAsync((1, 1));

        using var response = await Ebs.GetAsync($"/snapshots/{second}/changedblocks?firstSnapshotId={first}");

        Assert.That(await SignedClient.ReadErrorAsync(response), Is.EqualTo("400 ValidationException UNRELATED_SNAPSHOTS"));
    }

    [Test]
    public async Task GetSnapshotBlock_TokenOfAnotherBlockOrSnapshot_IsRefused()
    {
        var (volumeId, snapshotId) = await CreateVolumeAndSnapshotAsync((1, 1), (2, 2));
        var other = await CreateSnapshotAsync(volumeId);
        var token = await FindTokenAsync(snapshotId, 1);

        using var otherIndex = await GetBlockAsync(snapshotId, 2, token);
        using var otherSnapshot = await GetBlockAsync(other, 1, token);
        using var garbage = await GetBlockAsync(snapshotId, 1, "QUJD");

        Assert.That(await SignedClient.ReadErrorAsync(otherIndex), Is.EqualTo("400 ValidationException INVALID_BLOCK_TOKEN"));
        Assert.That(await SignedClient.ReadErrorAsync(otherSnapshot), Is.EqualTo("400 ValidationException INVALID_BLOCK_TOKEN"));
        Assert.That(await SignedClient.ReadErrorAsync(garbage), Is.EqualTo("400 ValidationException INVALID_BLOCK_TOKEN"));
    }

    [Test]
    public async Task GetSnapshotBlock_TokenOlderThanSevenDays_IsRefusedAndARelistedOneIsNot()
    {
        var (_, snapshotId) = await CreateVolumeAndSnapshotAsync((1, 1));
        var token = await FindTokenAsync(snapshotId, 1);
        Host.Time.Advance(TimeSpan.FromDays(7) - TimeSpan.FromSeconds(1));
        using var before = await GetBlockAsync(snapshotId, 1, token);
        Host.Time.Advance(TimeSpan.FromSeconds(1));

        using var after = await GetBlockAsync(snapshotId, 1, token);
        using var relisted = await GetBlockAsync(snapshotId, 1, await FindTokenAsync(snapshotId, 1));

        Assert.That(before.IsSuccessStatusCode);
        Assert.That(await SignedClient.ReadErrorAsync(after), Is.EqualTo("400 ValidationException INVALID_BLOCK_TOKEN"));
        Assert.That(relisted.IsSuccessStatusCode);
    }

    [Test]
    public async Task ListSnapshotBlocks_PageTokenOlderThanAnHourOrOfAnotherSnapshot_IsRefused()
    {
        var (volumeId, snapshotId) = await CreateVolumeAndSnapshotAsync([.. Enumerable.Range(0, 150).Select(index => (index, (byte)0))]);
        var other = await CreateSnapshotAsync(volumeId);
        var page = await Ebs.GetJsonAsync($"/snapshots/{snapshotId}/blocks?maxResults=100");
        var token = Uri.EscapeDataString(page.GetProperty("NextToken").GetString()!);

        using var foreign = await Ebs.GetAsync($"/snapshots/{other}/blocks?pageToken={token}");
        using var fresh = await Ebs.GetAsync($"/snapshots/{snapshotId}/blocks?pageToken={token}&startingBlockIndex=7");
        Host.Time.Advance(TimeSpan.FromMinutes(60));
        using var expired = await Ebs.GetAsync($"/snapshots/{snapshotId}/blocks?pageToken={token}");

        Assert.That(await SignedClient.ReadErrorAsync(foreign), Is.EqualTo("400 ValidationException INVALID_PAGE_TOKEN"));
        Assert.That((await SignedClient.ReadJsonAsync(fresh)).GetProperty("Blocks").GetArrayLength(), Is.EqualTo(50));
        Assert.That(await SignedClient.ReadErrorAsync(expired), Is.EqualTo("400 ValidationException INVALID_PAGE_TOKEN"));
    }

    [TestCase("/snapshots/snap-0123456789abcdef0/blocks", "404 ResourceNotFoundException SNAPSHOT_NOT_FOUND")]
    [TestCase("/snapshots/vol-0123456789abcdef0/blocks", "400 ValidationException INVALID_SNAPSHOT_ID")]
    [TestCase("/snapshots/{0}/blocks?maxResults=10001", "400 ValidationException INVALID_PARAMETER_VALUE")]
    [TestCase("/snapshots/{0}/blocks?startingBlockIndex=-1", "400 ValidationException INVALID_PARAMETER_VALUE")]
    [TestCase("/snapshots/{0}/blocks?pageToken=abc", "400 ValidationException INVALID_PAGE_TOKEN")]
    [TestCase("/snapshots/{0}/changedblocks", "400 ValidationException INVALID_PARAMETER_VALUE")]
    [TestCase("/snapshots/{0}/blocks/1", "400 ValidationException INVALID_BLOCK_TOKEN")]
    [TestCase("/snapshots/{0}/blocks/x?blockToken=QUJD", "400 ValidationException INVALID_BLOCK")]
    public async Task Read_InvalidRequest_IsRefusedWithItsReason(string path, string expected)
    {
        var (_, snapshotId) = await CreateVolumeAndSnapshotAsync((1, 1));

        using var response = await Ebs.GetAsync(path.Replace("{0}", snapshotId, StringComparison.Ordinal));

        Assert.That(await SignedClient.ReadErrorAsync(response), Is.EqualTo(expected));
    }

    [Test]
    public async Task ListSnapshotBlocks_AfterRestart_AnswersTheSame()
    {
        var (volumeId, first) = await CreateVolumeAndSnapshotAsync((1, 1), (3, 3));
        WriteBlock(volumeId, 3, 4);
        var second = await CreateSnapshotAsync(volumeId);

        await RestartAsync();

        Assert.That(await ListAsync($"/snapshots/{first}/blocks", "Blocks"), Is.EqualTo("1 3"));
        Assert.That(await ListAsync($"/snapshots/{second}/changedblocks?firstSnapshotId={first}", "ChangedBlocks"), Is.EqualTo("3:12"));
        using var block = await GetBlockAsync(first, 3, await FindTokenAsync(first, 3));
        Assert.That(await block.Content.ReadAsByteArrayAsync(), Is.All.EqualTo(3));
    }

    [Test]
    public async Task ListSnapshotBlocks_DeletedSnapshot_IsNotFound()
    {
        var (_, snapshotId) = await CreateVolumeAndSnapshotAsync((1, 1));
        await Host.Ec2.DeleteSnapshotAsync(new DeleteSnapshotRequest { SnapshotId = snapshotId });

        using var response = await Ebs.GetAsync($"/snapshots/{snapshotId}/blocks");

        Assert.That(await SignedClient.ReadErrorAsync(response), Is.EqualTo("404 ResourceNotFoundException SNAPSHOT_NOT_FOUND"));
    }

    private void Punch(string volumeId, int index)
    {
        using var file = SparseFile.OpenWrite(Host.Emulator.Admin.GetVolumePath(TestEmulator.Region, volumeId));
        SparseFile.Punch(file, (long)index * Block, Block);
    }

    private static string Header(HttpResponseMessage response, string name) => response.Headers.GetValues(name).Single();
}
