using System.Security.Cryptography;
using Amazon.EC2.Model;
using Amazon.KeyManagementService;
using Amazon.KeyManagementService.Model;
using Amazon.Runtime;
using Coriolis.Aws.Emulator.Tests.Ebs;
using Coriolis.Aws.Emulator.Tests.Hosting;

namespace Coriolis.Aws.Emulator.Tests.Faults;

/// <summary>Each kind of fault as a client meets it, and that the next call is right again.</summary>
internal sealed class InjectedFaultTests : BlockApiFixture
{
    [TestCase(FaultKind.Throttle, "400 RequestThrottledException RESOURCE_LEVEL_THROTTLE")]
    [TestCase(FaultKind.ServerError, "500 InternalServerException -")]
    [TestCase(FaultKind.AccessDenied, "403 AccessDeniedException UNAUTHORIZED_ACCOUNT")]
    [TestCase(FaultKind.ExpiredCredentials, "403 ExpiredTokenException -")]
    [TestCase(FaultKind.NotFound, "404 ResourceNotFoundException SNAPSHOT_NOT_FOUND")]
    [TestCase(FaultKind.ExpiredToken, "400 ValidationException INVALID_BLOCK_TOKEN")]
    [TestCase(FaultKind.DisabledKey, "403 AccessDeniedException DEPENDENCY_ACCESS_DENIED")]
    public async Task GetSnapshotBlock_ErrorFault_AnswersTheServicesErrorOnce(FaultKind kind, string expected)
    {
        var (snapshotId, token) = await PrepareAsync(new FaultRule { Operation = "ebs:GetSnapshotBlock", Kind = kind, Count = 1 });

        using var failed = await GetBlockAsync(snapshotId, 1, token);
        using var next = await GetBlockAsync(snapshotId, 1, token);

        Assert.That(await SignedClient.ReadErrorAsync(failed), Is.EqualTo(expected));
        Assert.That(await next.Content.ReadAsByteArrayAsync(), Is.All.EqualTo(1));
        Assert.That(FindFault("GetSnapshotBlock"), Is.EqualTo(kind));
    }

    [TestCase(FaultKind.Throttle, "RequestLimitExceeded")]
    [TestCase(FaultKind.ServerError, "InternalError")]
    [TestCase(FaultKind.AccessDenied, "UnauthorizedOperation")]
    [TestCase(FaultKind.ExpiredCredentials, "RequestExpired")]
    public async Task DescribeInstances_ErrorFault_AnswersTheServicesErrorOnce(FaultKind kind, string expected)
    {
        Host.Emulator.Faults.Add(new FaultRule { Operation = "ec2:DescribeInstances", Kind = kind, Count = 1 });

        Assert.That(await TestEmulator.ErrorCodeAsync(() => Host.Ec2.DescribeInstancesAsync()), Is.EqualTo(expected));
        await Host.Ec2.DescribeInstancesAsync();
    }

    [Test]
    public async Task RunInstances_InsufficientCapacity_LaunchesNothing()
    {
        Host.Emulator.Faults.Add(new FaultRule { Operation = "ec2:RunInstances", Kind = FaultKind.InsufficientCapacity });

        var error = await TestEmulator.ErrorCodeAsync(() => Host.LaunchAsync());

        Assert.That(error, Is.EqualTo("InsufficientInstanceCapacity"));
        Assert.That((await Host.Ec2.DescribeInstancesAsync()).Reservations, Is.Null.Or.Empty);
    }

    [Test]
    public async Task GetSnapshotBlock_CodeAndReasonGiven_AnswersThem()
    {
        var (snapshotId, token) = await PrepareAsync(new FaultRule
        {
            Operation = "ebs:*",
            Kind = FaultKind.Throttle,
            Code = "ThrottlingException",
            Reason = "ACCOUNT_THROTTLED",
        });

        using var response = await GetBlockAsync(snapshotId, 1, token);

        Assert.That(await SignedClient.ReadErrorAsync(response), Is.EqualTo("400 ThrottlingException ACCOUNT_THROTTLED"));
    }

    [Test]
    public async Task GetSnapshotBlock_DropConnection_EndsWithoutAnswer()
    {
        var (snapshotId, token) = await PrepareAsync(new FaultRule { Operation = "ebs:GetSnapshotBlock", Kind = FaultKind.DropConnection, Count = 1 });

        Assert.ThrowsAsync<HttpRequestException>(() => GetBlockAsync(snapshotId, 1, token));

        var call = Host.Emulator.Calls.GetLatest()[^1];
        Assert.That((call.Status, call.Fault), Is.EqualTo((0, (FaultKind?)FaultKind.DropConnection)));
    }

    [Test]
    public async Task GetSnapshotBlock_TornBody_EndsInTheMiddle()
    {
        var (snapshotId, token) = await PrepareAsync(new FaultRule { Operation = "ebs:GetSnapshotBlock", Kind = FaultKind.TornBody, Count = 1 });

        var error = Assert.ThrowsAsync<HttpRequestException>(() => GetBlockAsync(snapshotId, 1, token))!;

        Assert.That(error.InnerException, Is.InstanceOf<IOException>());
    }

    [Test]
    public async Task GetSnapshotBlock_Hang_LastsUntilTheClientGivesUp()
    {
        var (snapshotId, token) = await PrepareAsync(new FaultRule { Operation = "ebs:GetSnapshotBlock", Kind = FaultKind.Hang, Count = 1 });
        using var patience = new CancellationTokenSource();

        var hanging = GetBlockAsync(snapshotId, 1, token, patience.Token);
        await FaultTakenAsync();
        using var next = await GetBlockAsync(snapshotId, 1, token);
        var stillHanging = !hanging.IsCompleted;
        await patience.CancelAsync();

        Assert.That(next.IsSuccessStatusCode && stillHanging);
        Assert.ThrowsAsync<TaskCanceledException>(() => hanging);
    }

    [Test]
    public async Task DisposeAsync_WhileACallHangs_DoesNotWaitForIt()
    {
        var (snapshotId, token) = await PrepareAsync(new FaultRule { Operation = "ebs:GetSnapshotBlock", Kind = FaultKind.Hang, Count = 1 });
        var hanging = GetBlockAsync(snapshotId, 1, token);
        await FaultTakenAsync();

        await RestartAsync();

        Assert.ThrowsAsync(Is.InstanceOf<Exception>(), () => hanging);
    }

    [Test]
    public async Task GetSnapshotBlock_CorruptBytes_DoNotMatchTheChecksum()
    {
        var (snapshotId, token) = await PrepareAsync(new FaultRule { Operation = "ebs:GetSnapshotBlock", Kind = FaultKind.CorruptBytes, Count = 1 });

        using var response = await GetBlockAsync(snapshotId, 1, token);

        var data = await response.Content.ReadAsByteArrayAsync();
        Assert.That(data, Has.Length.EqualTo(Block));
        Assert.That(data.Count(value => value != 1), Is.EqualTo(1));
        Assert.That(Header(response, "x-amz-Checksum"), Is.Not.EqualTo(Convert.ToBase64String(SHA256.HashData(data))));
    }

    [Test]
    public async Task GetSnapshotBlock_WrongChecksum_HasTheRightBytes()
    {
        var (snapshotId, token) = await PrepareAsync(new FaultRule { Operation = "ebs:GetSnapshotBlock", Kind = FaultKind.WrongChecksum, Count = 1 });

        using var response = await GetBlockAsync(snapshotId, 1, token);

        var data = await response.Content.ReadAsByteArrayAsync();
        Assert.That(data, Is.All.EqualTo(1));
        Assert.That(Header(response, "x-amz-Checksum"), Is.Not.EqualTo(Convert.ToBase64String(SHA256.HashData(data))));
    }

    [Test]
    public async Task GetSnapshotBlock_WrongLength_IsShorterThanItsHeaderSays()
    {
        var (snapshotId, token) = await PrepareAsync(new FaultRule { Operation = "ebs:GetSnapshotBlock", Kind = FaultKind.WrongLength, Count = 1 });

        using var response = await GetBlockAsync(snapshotId, 1, token);

        Assert.That(await response.Content.ReadAsByteArrayAsync(), Has.Length.EqualTo(Block - 512));
        Assert.That(Header(response, "x-amz-Data-Length"), Is.EqualTo("524288"));
    }

    [TestCase(FaultKind.ShortPage, 10)]
    [TestCase(FaultKind.EmptyPage, 0)]
    public async Task ListSnapshotBlocks_ShortOrEmptyPage_StillLeadsToAllBlocks(FaultKind kind, int entries)
    {
        var (_, snapshotId) = await CreateVolumeAndSnapshotAsync([.. Enumerable.Range(0, 50).Select(index => (index, (byte)0))]);
        Host.Emulator.Faults.Add(new FaultRule { Operation = "ebs:ListSnapshotBlocks", Kind = kind, Count = 2 });

        var page = await Ebs.GetJsonAsync($"/snapshots/{snapshotId}/blocks?maxResults=100");
        var all = await ListAsync($"/snapshots/{snapshotId}/blocks?maxResults=100", "Blocks");

        Assert.That(page.GetProperty("Blocks").GetArrayLength(), Is.EqualTo(entries));
        Assert.That(page.TryGetProperty("NextToken", out _));
        Assert.That(all, Is.EqualTo(string.Join(' ', Enumerable.Range(0, 50))));
    }

    [Test]
    public async Task CreateSnapshot_LateConsistency_IsUnknownByIdForAWhile()
    {
        var volume = await Host.CreateVolumeAsync();
        WriteBlock(volume.VolumeId, 1, 1);
        Host.Emulator.Faults.Add(new FaultRule
        {
            Operation = "ec2:CreateSnapshot*",
            Kind = FaultKind.LateConsistency,
            Duration = TimeSpan.FromSeconds(56),
            Count = 1,
        });

        var snapshotId = await CreateSnapshotAsync(volume.VolumeId);
        var describe = new DescribeSnapshotsRequest { SnapshotIds = [snapshotId] };
        var early = await TestEmulator.ErrorCodeAsync(() => Host.Ec2.DescribeSnapshotsAsync(describe));
        using var earlyList = await Ebs.GetAsync($"/snapshots/{snapshotId}/blocks");
        Host.Time.Advance(TimeSpan.FromSeconds(56));

        Assert.That(early, Is.EqualTo("InvalidSnapshot.NotFound"));
        Assert.That(await SignedClient.ReadErrorAsync(earlyList), Is.EqualTo("404 ResourceNotFoundException SNAPSHOT_NOT_FOUND"));
        Assert.That((await Host.Ec2.DescribeSnapshotsAsync(describe)).Snapshots, Has.Count.EqualTo(1));
        Assert.That(await ListAsync($"/snapshots/{snapshotId}/blocks", "Blocks"), Is.EqualTo("1"));
    }

    [Test]
    public async Task CreateSnapshots_LateConsistency_HidesTheSnapshotsButNotTheirVolumes()
    {
        var instance = await Host.LaunchAsync(dataDisks: 1);
        Host.Emulator.Faults.Add(new FaultRule { Operation = "ec2:CreateSnapshots", Kind = FaultKind.LateConsistency, Count = 1 });

        var set = await Host.Ec2.CreateSnapshotsAsync(
            new CreateSnapshotsRequest { InstanceSpecification = new InstanceSpecification { InstanceId = instance.InstanceId } });

        Assert.That(set.Snapshots, Has.Count.EqualTo(2));
        foreach (var snapshot in set.Snapshots)
        {
            using var list = await Ebs.GetAsync($"/snapshots/{snapshot.SnapshotId}/blocks");
            Assert.That(await SignedClient.ReadErrorAsync(list), Is.EqualTo("404 ResourceNotFoundException SNAPSHOT_NOT_FOUND"));
            await Host.Ec2.DescribeVolumesAsync(new DescribeVolumesRequest { VolumeIds = [snapshot.VolumeId] });
        }
    }

    [TestCase(FaultKind.StuckSnapshot, "pending")]
    [TestCase(FaultKind.FailedSnapshot, "error")]
    public async Task CreateSnapshot_StuckOrFailed_NeverCompletes(FaultKind kind, string state)
    {
        var volume = await Host.CreateVolumeAsync();
        Host.Emulator.Faults.Add(new FaultRule { Operation = "ec2:CreateSnapshot", Kind = kind, ResourceId = volume.VolumeId });

        var snapshotId = await CreateSnapshotAsync(volume.VolumeId);
        Host.Time.Advance(TimeSpan.FromDays(1));

        var found = await Host.Ec2.DescribeSnapshotsAsync(new DescribeSnapshotsRequest { SnapshotIds = [snapshotId] });
        Assert.That(found.Snapshots.Single().State.Value, Is.EqualTo(state));
        using var list = await Ebs.GetAsync($"/snapshots/{snapshotId}/blocks");
        Assert.That(list.IsSuccessStatusCode, Is.False);
    }

    [Test]
    public async Task CreateVolume_FailedVolume_Vanishes()
    {
        Host.Emulator.Faults.Add(new FaultRule { Operation = "ec2:CreateVolume", Kind = FaultKind.FailedVolume, Count = 1 });

        var volume = await Host.CreateVolumeAsync();

        var error = await TestEmulator.ErrorCodeAsync(() =>
            Host.Ec2.DescribeVolumesAsync(new DescribeVolumesRequest { VolumeIds = [volume.VolumeId] }));
        Assert.That(error, Is.EqualTo("InvalidVolume.NotFound"));
    }

    [Test]
    public async Task DescribeKey_DisabledKey_IsDescribedAsDisabled()
    {
        using var kms = new AmazonKeyManagementServiceClient(
            new BasicAWSCredentials(Host.Emulator.AccessKeyId, Host.Emulator.SecretAccessKey),
            new AmazonKeyManagementServiceConfig
            {
                ServiceURL = Host.Emulator.Endpoint.ToString(),
                AuthenticationRegion = TestEmulator.Region,
                MaxErrorRetry = 0,
            });
        var keyId = (await kms.CreateKeyAsync(new CreateKeyRequest())).KeyMetadata.KeyId;
        Host.Emulator.Faults.Add(new FaultRule { Operation = "kms:DescribeKey", Kind = FaultKind.DisabledKey, ResourceId = keyId, Count = 1 });

        var first = (await kms.DescribeKeyAsync(keyId)).KeyMetadata;
        var second = (await kms.DescribeKeyAsync(keyId)).KeyMetadata;

        Assert.That((first.KeyState, first.Enabled), Is.EqualTo((KeyState.Disabled, (bool?)false)));
        Assert.That(second.KeyState, Is.EqualTo(KeyState.Enabled));
    }

    [Test]
    public async Task ListSnapshotBlocks_Delay_AnswersWhenTheClockHasAdvanced()
    {
        var (_, snapshotId) = await CreateVolumeAndSnapshotAsync((1, 1));
        Host.Emulator.Faults.Add(new FaultRule
        {
            Operation = "ebs:ListSnapshotBlocks",
            Kind = FaultKind.Delay,
            Duration = TimeSpan.FromSeconds(30),
            Count = 1,
        });

        var delayed = Ebs.GetAsync($"/snapshots/{snapshotId}/blocks");
        await FaultTakenAsync();
        using var other = await Ebs.GetAsync($"/snapshots/{snapshotId}/blocks");
        var waited = !delayed.IsCompleted;
        while (!delayed.IsCompleted)
        {
            // The timer starts just after the rule is taken: advance until it has seen the time pass.
            Host.Time.Advance(TimeSpan.FromSeconds(30));
            await Task.Yield();
        }

        using var response = await delayed;
        Assert.That(waited && response.IsSuccessStatusCode);
    }

    private async Task<(string SnapshotId, string Token)> PrepareAsync(FaultRule rule)
    {
        var (_, snapshotId) = await CreateVolumeAndSnapshotAsync((1, 1));
        var token = await FindTokenAsync(snapshotId, 1);
        Host.Emulator.Faults.Add(rule);
        return (snapshotId, token);
    }

    /// <summary>Waits until the request has arrived that uses up the only rule.</summary>
    private async Task FaultTakenAsync()
    {
        while (Host.Emulator.Faults.Rules.Count > 0)
        {
            await Task.Yield();
        }
    }

    private FaultKind? FindFault(string operation) =>
        Host.Emulator.Calls.GetLatest().Where(call => call.Operation == operation).Select(call => call.Fault).First();

    private static string Header(HttpResponseMessage response, string name) => response.Headers.GetValues(name).Single();
}
