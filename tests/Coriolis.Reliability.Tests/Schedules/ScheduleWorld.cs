using Amazon.EC2;
using Coriolis.Destinations;
using Coriolis.Providers.Aws;
using Coriolis.Reliability.Tests.Support;
using Coriolis.Replication;
using Microsoft.Extensions.DependencyInjection;

namespace Coriolis.Reliability.Tests.Schedules;

/// <summary>
/// Plays a schedule over the real stack, provider to raw files, and compares with the simplest model there is: what a disk holds is what its
/// volume's file holds, and of a replica there is one snapshot per disk.
/// </summary>
internal sealed class ScheduleWorld : IAsyncDisposable
{
    private static readonly string[] s_unfinished = [".tmp", ".draft", ".pending", ".journal"];

    private readonly FaultSchedule _schedule;
    private readonly TemporaryFolder _folder = new();
    private readonly IScheduleClock _clock;
    private readonly SmallDisk? _disk;
    private readonly SmallDisk? _accountDisk;
    private readonly string _to;
    private readonly string _state;
    private ScheduleAccount? _account;
    private ServiceProvider? _process;
    private bool _stoppedOnPurpose;

    private ScheduleWorld(FaultSchedule schedule)
    {
        _schedule = schedule;
        _clock = schedule.ReadPath == ReadPath.Worker ? new MovableClock() : new SimulatedClock();
        var root = _folder.Create("disk");
        _disk = SmallDisk.TryMount(root, sizeMiB: 96);
        _accountDisk = SmallDisk.TryMount(_folder.Create("account"), sizeMiB: 1024);
        _to = Directory.CreateDirectory(Path.Combine(root, "to")).FullName;
        _state = Path.Combine(root, "state");
    }

    private ScheduleAccount Account => _account ?? throw new InvalidOperationException("The account has not been started.");

    /// <summary>Plays the schedule and one undisturbed run after it.</summary>
    /// <exception cref="ScheduleException">The product did what it must never do.</exception>
    public static async Task PlayAsync(FaultSchedule schedule, Tally tally)
    {
        await using var world = new ScheduleWorld(schedule);
        world._account = await ScheduleAccount.StartAsync(world._folder["account"], schedule, world._clock.Time);
        world.Account.Write(schedule.Seed);
        foreach (var round in schedule.Rounds)
        {
            tally.Add(await world.PlayAsync(round));
        }

        await world.EndAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await StopProcessAsync();
        if (_account is not null)
        {
            await _account.DisposeAsync();
        }

        _disk?.Dispose();
        _accountDisk?.Dispose();
        _folder.Dispose();
    }

    private async Task<RunOutcome> PlayAsync(Round round)
    {
        await PrepareAsync(round);
        var outcome = await RunAsync(round);
        outcome.Check();
        Account.Emulator.Faults.Clear();
        _disk?.Release();
        _stoppedOnPurpose |= round.ShutDown && outcome.Report?.Status == ExecutionStatus.Succeeded;
        if (outcome.Report is { } report)
        {
            await CheckAsync(report, round.WritesMeanwhile);
        }

        return outcome;
    }

    /// <summary>Also a run that failed says the truth: what it committed is right, and what it left behind is what it reported.</summary>
    private async Task CheckAsync(ExecutionReport report, bool sourceHasChanged)
    {
        foreach (var disk in report.Disks.Where(disk => disk.Status == DiskStatus.Committed && !sourceHasChanged))
        {
            await CompareAsync(disk.DiskId);
        }

        var kept = (await _process!.GetRequiredService<ReplicaStateStore>().ReadInventoryAsync()).KeepIds;
        var snapshots = (await Account.ListSnapshotsAsync()).Select(snapshot => snapshot.SnapshotId).Where(id => !kept.Contains(id));
        var others = (await Account.ListWorkerResourcesAsync()).Concat(snapshots).ToList();
        Ensure(others.Count == 0 || report.LeftBehind.Count > 0, $"{string.Join(", ", others)} was left behind without a word");
    }

    private async Task PrepareAsync(Round round)
    {
        Account.Write(round.Writes);
        if (round.GrowsVolume)
        {
            await Account.GrowAsync(round.Writes);
        }

        if (round.BaselineSnapshotDeleted && await Account.ListSnapshotsAsync() is [var snapshot, ..])
        {
            try
            {
                await Account.DeleteSnapshotAsync(snapshot.SnapshotId);
            }
            catch (AmazonEC2Exception e) when (e.ErrorCode == "InvalidSnapshot.NotFound")
            {
                // A fault of the round before hides it: nobody can delete it yet.
            }
        }

        var replica = ReplicaPath(Account.VolumeIds[0]);
        if (round.ReplicaDeleted)
        {
            File.Delete(replica);
        }
        else if (round.ReplicaChanged && File.Exists(replica))
        {
            using var file = File.OpenHandle(replica, FileMode.Open, FileAccess.Write);
            RandomAccess.Write(file, [1, 2, 3], round.Writes % 1000);
        }

        if (round.NewProcess)
        {
            await StopProcessAsync();
        }

        foreach (var fault in round.Faults)
        {
            Account.Emulator.Faults.Add(fault);
        }

        if (round.FreeBytes is { } free)
        {
            _disk?.Fill(free);
        }
    }

    private async Task<RunOutcome> RunAsync(Round round)
    {
        using var cancellation = new CancellationTokenSource();
        _process ??= StartProcess();
        _process.GetRequiredService<DisturbedDestination>().FailAt(round.FailsAtWrite);
        var request = new ReplicationRequest
        {
            Instance = Account.InstanceId,
            ReadPath = _schedule.ReadPath,
            ShutDown = round.ShutDown,
            Verify = round.Verify,
            CompareDestination = round.CompareDestination,
        };
        var run = _process.GetRequiredService<ReplicaPipeline>().RunAsync(
            request, new Disturbances(round, Account, cancellation, _clock), cancellation.Token);
        await new PassingTime(Account.Emulator, _clock as SimulatedClock).WaitAsync(run);
        try
        {
            return new RunOutcome(await run, null, cancellation.IsCancellationRequested);
        }
        catch (Exception error)
        {
            return new RunOutcome(null, error, cancellation.IsCancellationRequested);
        }
    }

    /// <summary>Runs once more without any disturbance, and looks at everything that is left.</summary>
    private async Task EndAsync()
    {
        // What AWS does not know yet, it knows in a while.
        _clock.Advance(_schedule.Patience);
        var outcome = await RunAsync(new Round { Writes = 0 });
        outcome.Check();
        Ensure(outcome.Report is { Status: ExecutionStatus.Succeeded, LeftBehind.Count: 0 }, $"the undisturbed run ended with {outcome}");
        foreach (var volumeId in Account.VolumeIds)
        {
            await CompareAsync(volumeId);
        }

        var snapshots = (await Account.ListSnapshotsAsync()).Select(snapshot => snapshot.VolumeId).Order().ToList();
        Ensure(snapshots.SequenceEqual(Account.VolumeIds.Order()), $"the account holds snapshots of {string.Join(", ", snapshots)}");
        var workers = await Account.ListWorkerResourcesAsync();
        Ensure(workers.Count == 0, $"of workers {string.Join(", ", workers)} are left");
        var state = await Account.GetStateAsync();
        Ensure(state == (_stoppedOnPurpose ? "stopped" : "running"), $"the instance is {state}");
        var unfinished = Directory.EnumerateFiles(Path.GetDirectoryName(_to)!, "*", SearchOption.AllDirectories)
            .Where(path => s_unfinished.Contains(Path.GetExtension(path)));
        Ensure(!unfinished.Any(), $"files are left: {string.Join(", ", unfinished)}");
        await EnsureSweepKeepsAllAsync();
    }

    private async Task EnsureSweepKeepsAllAsync()
    {
        var inventory = await _process!.GetRequiredService<ReplicaStateStore>().ReadInventoryAsync();
        var sweep = await _process!.GetRequiredService<IReplicaSourceProvider>().SweepAsync(new SweepRequest
        {
            DryRun = true,
            OwnerId = inventory.OwnerId,
            KeepIds = inventory.KeepIds,
            EndedExecutionIds = inventory.EndedExecutionIds,
        });
        Ensure(
            sweep.Resources.All(resource => resource.Action == SweepAction.Kept),
            $"a sweep would remove {string.Join(", ", sweep.Resources.Select(resource => $"{resource.Id}: {resource.Why}"))}");
    }

    private async Task CompareAsync(string volumeId)
    {
        var difference = await FileComparison.FindDifferenceAsync(Account.VolumePath(volumeId), ReplicaPath(volumeId));
        Ensure(difference is null, $"the replica of {volumeId} is wrong after byte {difference}");
    }

    private void Ensure(bool holds, string problem)
    {
        if (!holds)
        {
            throw new ScheduleException($"{problem}\n{_schedule}");
        }
    }

    private string ReplicaPath(string volumeId) => Path.Combine(_to, volumeId + ".raw");

    private ServiceProvider StartProcess()
    {
        var emulator = Account.Emulator;
        var services = new ServiceCollection();
        services.AddSingleton(_clock.Time);
        services.AddCoriolisAws(aws => aws
            .UseConnection(new AwsConnectionInfo
            {
                Region = ScheduleAccount.Region,
                AccessKeyId = emulator.AccessKeyId,
                SecretAccessKey = emulator.SecretAccessKey,
                EndpointUrl = emulator.Endpoint,
            })
            .Configure(Configure));
        services.AddCoriolisReplication(options =>
        {
            options.StateDirectory = _state;
            options.MemoryBudgetBytes = 8 << 20;
        });
        services.AddRawDestination(options => options.Directory = _to);
        var raw = services.Last(service => service.ServiceType == typeof(IDestinationWriter));
        services.Remove(raw);
        services.AddSingleton(provider => new DisturbedDestination(
            (IDestinationWriter)ActivatorUtilities.CreateInstance(provider, raw.ImplementationType!)));
        services.AddSingleton<IDestinationWriter>(provider => provider.GetRequiredService<DisturbedDestination>());
        return services.BuildServiceProvider();
    }

    private void Configure(AwsSourceOptions options)
    {
        if (_schedule.ReadPath != ReadPath.Worker)
        {
            return;
        }

        // In real time nobody waits for minutes; a busy machine must still manage.
        options.WorkerInstanceType = "t3.medium";
        options.WorkerAllowedCidr = "198.18.0.0/15";
        options.WorkerBootTimeout = TimeSpan.FromSeconds(20);
        options.WorkerAttachTimeout = TimeSpan.FromSeconds(10);
        options.WorkerStallTimeout = TimeSpan.FromSeconds(20);
        options.AttemptTimeout = TimeSpan.FromSeconds(10);
        options.RetryBudget = TimeSpan.FromSeconds(20);
        options.PollInterval = TimeSpan.FromSeconds(1);
        options.ReleaseTimeout = TimeSpan.FromMinutes(1);
    }

    private async Task StopProcessAsync()
    {
        if (_process is not null)
        {
            await _process.DisposeAsync();
            _process = null;
        }
    }
}
