using System.Text.Json.Nodes;
using Coriolis.Aws.Emulator;
using Coriolis.Destinations;
using Coriolis.Providers.Aws;
using Coriolis.Reliability.Tests.Schedules;
using Coriolis.Reliability.Tests.Support;
using Coriolis.Replication;
using Microsoft.Extensions.DependencyInjection;

namespace Coriolis.Reliability.Tests.Permissions;

/// <summary>The policy that is printed for encrypted disks and the direct read path suffices, and nothing in it is superfluous.</summary>
public sealed class IamPolicyTests
{
    private static readonly AwsIamPolicy s_policy = new() { ReadPath = ReadPath.Direct, ShutDown = true, Encrypted = true };

    // Read only where something is left of a worker, for a Marketplace product, or for a firmware that the instance leaves open.
    private static readonly string[] s_rare = ["ec2:DescribeKeyPairs", "ec2:DescribeSecurityGroups", "ec2:DescribeVolumeAttribute", "ec2:DescribeImages"];

    private TemporaryFolder _folder = null!;
    private ScheduleAccount _account = null!;
    private SimulatedClock _clock = null!;

    private static IEnumerable<string> Actions => JsonNode.Parse(s_policy.ToJson())!["Statement"]!.AsArray()
        .SelectMany(statement => statement!["Action"]!.AsArray())
        .Select(action => action!.GetValue<string>())
        .Distinct()
        .Except(s_rare);

    [SetUp]
    public async Task StartAsync()
    {
        _folder = new TemporaryFolder();
        _folder.Create("to");
        _clock = new SimulatedClock();
        var schedule = new FaultSchedule { Seed = 1, Disks = 2, IsEncrypted = true, RealisticDelays = false, Rounds = [] };
        _account = await ScheduleAccount.StartAsync(_folder["account"], schedule, _clock);
        _account.Write(1);
    }

    [TearDown]
    public async Task StopAsync()
    {
        await _account.DisposeAsync();
        _folder.Dispose();
    }

    [Test]
    public async Task RunAsync_ExactlyThePolicy_ReplicatesTwiceAndLeavesTheBaselines()
    {
        var policy = s_policy.ToJson();

        var full = await RunAsync(policy);
        _account.Write(2);
        var incremental = await RunAsync(policy, shutDown: true);

        Assert.Multiple(() =>
        {
            Assert.That(full, Is.Null);
            Assert.That(incremental, Is.Null);
        });
        Assert.That((await _account.ListSnapshotsAsync()).Select(snapshot => snapshot.VolumeId), Is.EquivalentTo(_account.VolumeIds));
        foreach (var volumeId in _account.VolumeIds)
        {
            Assert.That(await FileComparison.FindDifferenceAsync(_account.VolumePath(volumeId), Path.Combine(_folder["to"], volumeId + ".raw")), Is.Null);
        }
    }

    [TestCaseSource(nameof(Actions))]
    public async Task RunAsync_OneActionLess_SaysWhichAndLeavesNothingElse(string action)
    {
        // The second run uses all but one of them, and starting only after a failure.
        var isForTheFirst = action == "ebs:ListSnapshotBlocks";
        if (!isForTheFirst)
        {
            Assert.That(await RunAsync(s_policy.ToJson()), Is.Null);
            _account.Write(2);
        }

        if (action is "ec2:StartInstances" or "kms:CreateGrant")
        {
            _account.Emulator.Faults.Add(new FaultRule { Operation = "ec2:CreateSnapshots", Kind = FaultKind.AccessDenied });
        }

        var problem = await RunAsync(Without(action), shutDown: action is "ec2:StopInstances" or "ec2:StartInstances" or "kms:CreateGrant");

        // A start without a grant is not denied: EC2 takes it back.
        var code = action == "kms:CreateGrant" ? "Client.InternalError" : "(UnauthorizedOperation|AccessDenied)";
        Assert.That(problem, Does.Contain(action).And.Match(code));
        var left = (await _account.ListSnapshotsAsync()).Select(snapshot => snapshot.VolumeId);
        var kept = isForTheFirst ? [] : action == "ec2:DeleteSnapshot" ? [.. _account.VolumeIds, .. _account.VolumeIds] : _account.VolumeIds;
        Assert.That(left, Is.EquivalentTo(kept));
    }

    private static string Without(string action)
    {
        var policy = JsonNode.Parse(s_policy.ToJson())!;
        var statements = policy["Statement"]!.AsArray();
        foreach (var statement in statements.ToList())
        {
            var actions = statement!["Action"]!.AsArray();
            actions.RemoveAll(node => node!.GetValue<string>() == action);
            if (actions.Count == 0)
            {
                statements.Remove(statement);
            }
        }

        return policy.ToJsonString();
    }

    /// <returns>What went wrong or was left behind, with the error's code, message and remedy; null when nothing did.</returns>
    private async Task<string?> RunAsync(string policy, bool shutDown = false)
    {
        var credential = await _account.Emulator.Admin.CreateCredentialAsync([policy]);
        await using var services = new ServiceCollection()
            .AddSingleton<TimeProvider>(_clock)
            .AddCoriolisAws(aws => aws.UseConnection(new AwsConnectionInfo
            {
                Region = ScheduleAccount.Region,
                AccessKeyId = credential.AccessKeyId,
                SecretAccessKey = credential.SecretAccessKey,
                EndpointUrl = _account.Emulator.Endpoint,
            }))
            .AddCoriolisReplication(options => options.StateDirectory = _folder["state"])
            .AddRawDestination(options => options.Directory = _folder["to"])
            .BuildServiceProvider();
        var request = new ReplicationRequest { Instance = _account.InstanceId, ReadPath = ReadPath.Direct, ShutDown = shutDown };
        var run = services.GetRequiredService<ReplicaPipeline>().RunAsync(request);
        await new PassingTime(_account.Emulator, _clock).WaitAsync(run);
        try
        {
            var report = await run;
            var problems = report.Disks.Where(disk => disk.Error is not null).Select(disk => Describe(disk.Error!))
                .Concat(report.LeftBehind.Select(resource => resource.Why));
            return problems.Any() ? string.Join("\n", problems) : null;
        }
        catch (CoriolisException error)
        {
            return Describe(error);
        }
    }

    private static string Describe(Exception error)
    {
        var known = (CoriolisException)error;
        var left = (known as SourceException)?.LeftBehind.Select(resource => resource.Why) ?? [];
        Assert.That(known.Remedy, Is.Not.Empty);
        return $"{known.ErrorCode}: {known.Message}\n{string.Join("\n", left)}";
    }
}
