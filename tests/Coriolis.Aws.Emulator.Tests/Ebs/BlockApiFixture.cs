using System.Text.Json;
using Amazon.EC2.Model;
using Coriolis.Aws.Emulator.Storage;
using Coriolis.Aws.Emulator.Tests.Hosting;

namespace Coriolis.Aws.Emulator.Tests.Ebs;

/// <summary>An emulator with a volume, its snapshots through EC2 and their blocks through the block API.</summary>
internal abstract class BlockApiFixture
{
    protected const int Block = BlockStore.BlockSize;

    protected TestEmulator Host { get; private set; }

    protected SignedClient Ebs { get; private set; }

    [SetUp]
    public async Task SetUpAsync()
    {
        Host = await TestEmulator.StartAsync(Configure);
        Ebs = CreateClient();
    }

    [TearDown]
    public async Task TearDownAsync()
    {
        Ebs.Dispose();
        await Host.DisposeAsync();
    }

    protected virtual void Configure(AwsEmulatorOptions options) => options.Quotas = options.Quotas with { SnapshotInterval = TimeSpan.Zero };

    protected async Task RestartAsync()
    {
        Ebs.Dispose();
        await Host.RestartAsync();
        Ebs = CreateClient();
    }

    protected void WriteBlock(string volumeId, int index, byte value)
    {
        var data = new byte[Block];
        Array.Fill(data, value);
        using var file = File.OpenHandle(Host.Emulator.Admin.GetVolumePath(TestEmulator.Region, volumeId), FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
        RandomAccess.Write(file, data, (long)index * Block);
    }

    protected async Task<string> CreateSnapshotAsync(string volumeId) =>
        (await Host.Ec2.CreateSnapshotAsync(new CreateSnapshotRequest { VolumeId = volumeId })).Snapshot.SnapshotId;

    /// <summary>Makes a volume of 1 GiB whose given blocks hold a byte each, and a snapshot of it.</summary>
    protected async Task<(string VolumeId, string SnapshotId)> CreateVolumeAndSnapshotAsync(params (int Index, byte Value)[] blocks)
    {
        var volume = await Host.CreateVolumeAsync();
        foreach (var (index, value) in blocks)
        {
            WriteBlock(volume.VolumeId, index, value);
        }

        return (volume.VolumeId, await CreateSnapshotAsync(volume.VolumeId));
    }

    /// <summary>Lists all pages as "index:bytes" or, for changes, "index:first/second", where - is no token.</summary>
    protected async Task<string> ListAsync(string path, string member)
    {
        var entries = new List<string>();
        for (string? token = ""; token is not null;)
        {
            var page = await Ebs.GetJsonAsync(token.Length == 0 ? path : $"{path}{(path.Contains('?') ? '&' : '?')}pageToken={Uri.EscapeDataString(token)}");
            entries.AddRange(page.GetProperty(member).EnumerateArray().Select(Describe));
            token = page.TryGetProperty("NextToken", out var next) ? next.GetString() : null;
        }

        return string.Join(' ', entries);
    }

    protected async Task<string> FindTokenAsync(string snapshotId, int index)
    {
        var page = await Ebs.GetJsonAsync($"/snapshots/{snapshotId}/blocks?startingBlockIndex={index}");
        var block = page.GetProperty("Blocks")[0];
        Assert.That(block.GetProperty("BlockIndex").GetInt32(), Is.EqualTo(index));
        return block.GetProperty("BlockToken").GetString()!;
    }

    protected Task<HttpResponseMessage> GetBlockAsync(string snapshotId, int index, string token, CancellationToken cancellationToken = default) =>
        Ebs.GetAsync($"/snapshots/{snapshotId}/blocks/{index}?blockToken={Uri.EscapeDataString(token)}", cancellationToken);

    private static string Describe(JsonElement entry)
    {
        var index = entry.GetProperty("BlockIndex").GetInt32();
        return entry.TryGetProperty("BlockToken", out _)
            ? $"{index}"
            : $"{index}:{(entry.TryGetProperty("FirstBlockToken", out _) ? "1" : "-")}{(entry.TryGetProperty("SecondBlockToken", out _) ? "2" : "-")}";
    }

    private SignedClient CreateClient() => new(Host.Emulator.Endpoint, Host.Emulator.AccessKeyId, Host.Emulator.SecretAccessKey, "ebs");
}
