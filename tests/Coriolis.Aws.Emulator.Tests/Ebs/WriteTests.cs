using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using Amazon.EC2.Model;
using Coriolis.Aws.Emulator.Tests.Hosting;

namespace Coriolis.Aws.Emulator.Tests.Ebs;

internal sealed class WriteTests : BlockApiFixture
{
    private const int MaxPending = 5;

    protected override void Configure(AwsEmulatorOptions options)
    {
        base.Configure(options);
        options.Quotas = options.Quotas with { PendingSnapshots = MaxPending };
    }

    [Test]
    public async Task CompleteSnapshot_AllBlocksPut_IsReadableAndHasItsMetadata()
    {
        var started = await StartAsync("""{"VolumeSize": 2, "Description": "restored", "Tags": [{"Key": "run", "Value": "7"}]}""");
        var id = started.GetProperty("SnapshotId").GetString()!;
        using var put0 = await PutAsync(id, 0, 1);
        using var put9 = await PutAsync(id, 9, 2);

        using var completed = await CompleteAsync(id, 2, Linear(1, 2));

        Assert.That((int)put0.StatusCode, Is.EqualTo(201));
        Assert.That(put0.Headers.GetValues("x-amz-Checksum").Single(), Is.EqualTo(Convert.ToBase64String(SHA256.HashData(Filled(1)))));
        Assert.That((int)completed.StatusCode, Is.EqualTo(202));
        Assert.That((await SignedClient.ReadJsonAsync(completed)).GetProperty("Status").GetString(), Is.EqualTo("completed"));
        Assert.That(await ListAsync($"/snapshots/{id}/blocks", "Blocks"), Is.EqualTo("0 9"));
        using var block = await GetBlockAsync(id, 9, await FindTokenAsync(id, 9));
        Assert.That(await block.Content.ReadAsByteArrayAsync(), Is.All.EqualTo(2));
        var snapshot = (await Host.Ec2.DescribeSnapshotsAsync(new DescribeSnapshotsRequest { SnapshotIds = [id] })).Snapshots.Single();
        Assert.That(snapshot.State.Value, Is.EqualTo("completed"));
        Assert.That(snapshot.Description, Is.EqualTo("restored"));
        Assert.That(snapshot.VolumeSize, Is.EqualTo(2));
        Assert.That(snapshot.Tags.Single().Value, Is.EqualTo("7"));
    }

    [Test]
    public async Task StartSnapshot_OnParent_HoldsItsBlocksAndIsOfItsLineage()
    {
        var (_, parent) = await CreateVolumeAndSnapshotAsync((1, 1), (2, 2));
        var child = (await StartAsync($$"""{"VolumeSize": 1, "ParentSnapshotId": "{{parent}}"}""")).GetProperty("SnapshotId").GetString()!;
        using var put = await PutAsync(child, 2, 20);

        using var completed = await CompleteAsync(child, 1, Linear(20));

        Assert.That(completed.IsSuccessStatusCode);
        Assert.That(await ListAsync($"/snapshots/{child}/blocks", "Blocks"), Is.EqualTo("1 2"));
        Assert.That(await ListAsync($"/snapshots/{child}/changedblocks?firstSnapshotId={parent}", "ChangedBlocks"), Is.EqualTo("2:12"));
    }

    [Test]
    public async Task CompleteSnapshot_WrongCountOrAggregate_IsRefusedAndCanBeTriedAgain()
    {
        var id = await StartOneGiBAsync();
        using var put = await PutAsync(id, 0, 1);

        using var wrongCount = await CompleteAsync(id, 2, Linear(1));
        using var wrongDigest = await CompleteAsync(id, 1, Linear(2));
        using var right = await CompleteAsync(id, 1, Linear(1));

        Assert.That(await SignedClient.ReadErrorAsync(wrongCount), Is.EqualTo("400 ValidationException INVALID_PARAMETER_VALUE"));
        Assert.That(await SignedClient.ReadErrorAsync(wrongDigest), Is.EqualTo("400 ValidationException INVALID_PARAMETER_VALUE"));
        Assert.That(right.IsSuccessStatusCode);
    }

    [Test]
    public async Task PutSnapshotBlock_WrongChecksumOrOutside_IsRefusedAndNotCounted()
    {
        var id = await StartOneGiBAsync();

        using var corrupt = await PutAsync(id, 0, 1, checksumOf: 2);
        using var outside = await PutAsync(id, 2048, 1);
        using var completed = await CompleteAsync(id, 0, null);

        Assert.That(await SignedClient.ReadErrorAsync(corrupt), Is.EqualTo("400 ValidationException INVALID_BLOCK"));
        Assert.That(await SignedClient.ReadErrorAsync(outside), Is.EqualTo("400 ValidationException INVALID_BLOCK"));
        Assert.That(completed.IsSuccessStatusCode);
    }

    [Test]
    public async Task ListSnapshotBlocks_SnapshotBeingWritten_IsNotReadable()
    {
        var id = await StartOneGiBAsync();

        using var response = await Ebs.GetAsync($"/snapshots/{id}/blocks");

        Assert.That(await SignedClient.ReadErrorAsync(response), Is.EqualTo("400 ValidationException INVALID_SNAPSHOT_ID"));
    }

    [Test]
    public async Task StartSnapshot_SameClientToken_AnswersTheSameSnapshotOrConflicts()
    {
        var first = await StartAsync("""{"VolumeSize": 1, "ClientToken": "t1"}""");

        var again = await StartAsync("""{"VolumeSize": 1, "ClientToken": "t1"}""");
        using var other = await PostStartAsync("""{"VolumeSize": 2, "ClientToken": "t1"}""");

        Assert.That(again.GetProperty("SnapshotId").GetString(), Is.EqualTo(first.GetProperty("SnapshotId").GetString()));
        Assert.That(await SignedClient.ReadErrorAsync(other), Is.EqualTo("409 ConflictException -"));
    }

    [Test]
    public async Task StartSnapshot_TokenRepeatedAfterTheTimeout_AnswersThatItFailed()
    {
        const string Request = """{"VolumeSize": 1, "Timeout": 10, "ClientToken": "t1"}""";
        _ = await StartAsync(Request);
        Host.Time.Advance(TimeSpan.FromMinutes(10));

        var again = await StartAsync(Request);

        Assert.That(again.GetProperty("Status").GetString(), Is.EqualTo("error"));
    }

    [Test]
    public async Task StartSnapshot_TokenRepeatedAfterADay_IsForgotten()
    {
        const string Request = """{"VolumeSize": 1, "ClientToken": "t1"}""";
        var first = await StartAsync(Request);
        Host.Time.Advance(TimeSpan.FromHours(25));

        var second = await StartAsync(Request);

        Assert.That(second.GetProperty("SnapshotId").GetString(), Is.Not.EqualTo(first.GetProperty("SnapshotId").GetString()));
    }

    [Test]
    public async Task StartSnapshot_AfterAbandonedOnesHaveTimedOut_DoesNotCountThem()
    {
        for (var number = 0; number < MaxPending; number++)
        {
            _ = await StartAsync("""{"VolumeSize": 1, "Timeout": 10}""");
        }

        using var oneTooMany = await PostStartAsync("""{"VolumeSize": 1}""");
        Host.Time.Advance(TimeSpan.FromMinutes(10));
        using var later = await PostStartAsync("""{"VolumeSize": 1}""");

        Assert.That(await SignedClient.ReadErrorAsync(oneTooMany), Is.EqualTo("400 ConcurrentLimitExceededException -"));
        Assert.That((int)later.StatusCode, Is.EqualTo(201));
        var snapshots = (await Host.Ec2.DescribeSnapshotsAsync(new DescribeSnapshotsRequest { OwnerIds = ["self"] })).Snapshots;
        Assert.That(snapshots.Count(static snapshot => snapshot.State == Amazon.EC2.SnapshotState.Pending), Is.EqualTo(1));
    }

    [TestCase("""{}""", "INVALID_VOLUME_SIZE")]
    [TestCase("""{"VolumeSize": 65537}""", "INVALID_VOLUME_SIZE")]
    [TestCase("""{"VolumeSize": 1, "Timeout": 9}""", "INVALID_PARAMETER_VALUE")]
    [TestCase("""{"VolumeSize": 1, "KmsKeyArn": "alias/aws/ebs"}""", "INVALID_PARAMETER_VALUE")]
    [TestCase("""{"VolumeSize": 1, "ParentSnapshotId": "snap-1", "Encrypted": true}""", "INVALID_PARAMETER_VALUE")]
    [TestCase("""{"VolumeSize": 1, "Encrypted": true, "KmsKeyArn": "alias/none"}""", "INVALID_CUSTOMER_KEY")]
    [TestCase("""{"VolumeSize": 1, "Tags": [{"Key": "aws:x", "Value": ""}]}""", "INVALID_TAG")]
    public async Task StartSnapshot_InvalidRequest_IsRefusedWithItsReason(string body, string reason)
    {
        using var response = await PostStartAsync(body);

        Assert.That(await SignedClient.ReadErrorAsync(response), Is.EqualTo($"400 ValidationException {reason}"));
    }

    [Test]
    public async Task PutSnapshotBlock_AfterTheTimeout_IsRefusedAndTheSnapshotHasFailed()
    {
        var id = (await StartAsync("""{"VolumeSize": 1, "Timeout": 10}""")).GetProperty("SnapshotId").GetString()!;
        Host.Time.Advance(TimeSpan.FromMinutes(9));
        using var inTime = await PutAsync(id, 0, 1);
        Host.Time.Advance(TimeSpan.FromMinutes(9));
        using var postponed = await PutAsync(id, 1, 1);
        Host.Time.Advance(TimeSpan.FromMinutes(10));

        using var late = await PutAsync(id, 2, 1);

        Assert.That(inTime.IsSuccessStatusCode && postponed.IsSuccessStatusCode);
        Assert.That(await SignedClient.ReadErrorAsync(late), Is.EqualTo("400 ValidationException WRITE_REQUEST_TIMEOUT"));
        var snapshot = (await Host.Ec2.DescribeSnapshotsAsync(new DescribeSnapshotsRequest { SnapshotIds = [id] })).Snapshots.Single();
        Assert.That(snapshot.State.Value, Is.EqualTo("error"));
    }

    [Test]
    public async Task PutSnapshotBlock_EmulatorRestartedBetween_KeepsWhatWasWritten()
    {
        var id = await StartOneGiBAsync();
        using var before = await PutAsync(id, 0, 1);

        await RestartAsync();
        using var after = await PutAsync(id, 1, 2);
        using var completed = await CompleteAsync(id, 2, Linear(1, 2));

        Assert.That(completed.IsSuccessStatusCode);
        Assert.That(await ListAsync($"/snapshots/{id}/blocks", "Blocks"), Is.EqualTo("0 1"));
    }

    private async Task<string> StartOneGiBAsync() => (await StartAsync("""{"VolumeSize": 1}""")).GetProperty("SnapshotId").GetString()!;

    private async Task<JsonElement> StartAsync(string body)
    {
        using var response = await PostStartAsync(body);
        return await SignedClient.ReadJsonAsync(response);
    }

    private Task<HttpResponseMessage> PostStartAsync(string body) => Ebs.SendAsync(HttpMethod.Post, "/snapshots", [], SignedClient.Json(body));

    private Task<HttpResponseMessage> PutAsync(string snapshotId, int index, byte value, byte? checksumOf = null) => Ebs.SendAsync(
        HttpMethod.Put,
        $"/snapshots/{snapshotId}/blocks/{index}",
        new()
        {
            ["x-amz-data-length"] = "524288",
            ["x-amz-checksum"] = Convert.ToBase64String(SHA256.HashData(Filled(checksumOf ?? value))),
            ["x-amz-checksum-algorithm"] = "SHA256",
        },
        Filled(value));

    private Task<HttpResponseMessage> CompleteAsync(string snapshotId, int count, string? aggregate)
    {
        var headers = new Dictionary<string, string> { ["x-amz-changedblockscount"] = count.ToString(CultureInfo.InvariantCulture) };
        if (aggregate is not null)
        {
            headers["x-amz-checksum"] = aggregate;
            headers["x-amz-checksum-algorithm"] = "SHA256";
            headers["x-amz-checksum-aggregation-method"] = "LINEAR";
        }

        return Ebs.SendAsync(HttpMethod.Post, $"/snapshots/completion/{snapshotId}", headers, []);
    }

    private static string Linear(params byte[] values) =>
        Convert.ToBase64String(SHA256.HashData([.. values.SelectMany(value => SHA256.HashData(Filled(value)))]));

    private static byte[] Filled(byte value)
    {
        var data = new byte[Block];
        Array.Fill(data, value);
        return data;
    }
}
