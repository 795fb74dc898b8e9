using Coriolis.Aws.Emulator.Tests.Hosting;

namespace Coriolis.Aws.Emulator.Tests.Ebs;

internal sealed class QuotaTests : BlockApiFixture
{
    [Test]
    public async Task GetSnapshotBlock_AboveTheSnapshotsRate_IsThrottledUntilTimePasses()
    {
        var (_, snapshotId) = await CreateVolumeAndSnapshotAsync((1, 1));
        var token = await FindTokenAsync(snapshotId, 1);
        for (var call = 0; call < 3; call++)
        {
            using var allowed = await GetBlockAsync(snapshotId, 1, token);
            Assert.That(allowed.IsSuccessStatusCode);
        }

        using var refused = await GetBlockAsync(snapshotId, 1, token);
        Host.Time.Advance(TimeSpan.FromSeconds(1));
        using var later = await GetBlockAsync(snapshotId, 1, token);

        Assert.That(await SignedClient.ReadErrorAsync(refused), Is.EqualTo("400 RequestThrottledException RESOURCE_LEVEL_THROTTLE"));
        Assert.That(later.IsSuccessStatusCode);
    }

    [Test]
    public async Task ListSnapshotBlocks_AboveTheAccountsRate_IsThrottled()
    {
        var (_, snapshotId) = await CreateVolumeAndSnapshotAsync((1, 1));
        await Ebs.GetJsonAsync($"/snapshots/{snapshotId}/blocks");
        await Ebs.GetJsonAsync($"/snapshots/{snapshotId}/blocks");

        using var refused = await Ebs.GetAsync($"/snapshots/{snapshotId}/blocks");

        Assert.That(await SignedClient.ReadErrorAsync(refused), Is.EqualTo("400 ThrottlingException -"));
    }

    protected override void Configure(AwsEmulatorOptions options) =>
        options.BlockApiQuotas = new EbsQuotas { GetSnapshotBlockPerSnapshot = 3, ListSnapshotBlocksPerAccount = 2 };
}
