using Coriolis.Aws.Emulator;

namespace Coriolis.Cli.Tests;

/// <summary>An account in which runs are ended in the middle, and the run after each of them is checked.</summary>
internal sealed class CrashWorld : IAsyncDisposable
{
    // A block once written is listed for ever: with few places a full run has as many calls in the last round as in the first.
    private const int MovingChunks = 4;

    private readonly TestInstance _instance;
    private readonly bool _incremental;
    private readonly bool _resumePoints;
    private readonly string _readPath;
    private int _round;

    private CrashWorld(EmulatedAccount account, TestInstance instance, bool incremental, bool resumePoints, string readPath) =>
        (Account, _instance, _incremental, _resumePoints, _readPath) = (account, instance, incremental, resumePoints, readPath);

    public EmulatedAccount Account { get; }

    /// <summary>Everything that a run writes in this round.</summary>
    public string Root => Account.Folder[$"round{(_incremental ? 0 : _round)}"];

    private string[] Replicate =>
    [
        "replicate", _instance.Id, "--to", Path.Combine(Root, "to"), "--state", Path.Combine(Root, "state"), "--json",
        .. _resumePoints ? ["--resume-interval", "0"] : Array.Empty<string>(),
        .. WorkerAccount.Options(_readPath, ("worker_boot_timeout", "300")),
        .. Account.Connection,
    ];

    public static async Task<CrashWorld> CreateAsync(bool incremental, int dataDisks, bool resumePoints = false, string readPath = "direct")
    {
        var account = readPath == "worker" ? (await WorkerAccount.StartAsync()).Account : await EmulatedAccount.StartAsync();
        var world = new CrashWorld(account, await account.LaunchAsync("web", dataDisks), incremental, resumePoints, readPath);
        Directory.CreateDirectory(Path.Combine(world.Root, "to"));
        if (incremental)
        {
            var run = await CliRun.OfAsync(world.Replicate);
            Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Done), run.Error);
        }

        return world;
    }

    /// <summary>Changes the source: an incremental run goes on with the replica of the round before, a full one begins with nothing.</summary>
    public async Task StartRoundAsync()
    {
        _round++;
        foreach (var volumeId in _instance.VolumeIds)
        {
            Account.Write(volumeId, 3 * EmulatedAccount.Chunk, EmulatedAccount.Pattern(_round, EmulatedAccount.Chunk));
            Account.Write(volumeId, (8 + (_round % MovingChunks)) * EmulatedAccount.Chunk, EmulatedAccount.Pattern(_round + 7, 4096));
            Account.Write(volumeId, (8 + ((_round + MovingChunks - 1) % MovingChunks)) * EmulatedAccount.Chunk, new byte[4096]);
        }

        if (_incremental)
        {
            return;
        }

        foreach (var snapshot in await Account.ListSnapshotsAsync())
        {
            await Account.Ec2.DeleteSnapshotAsync(new Amazon.EC2.Model.DeleteSnapshotRequest(snapshot.SnapshotId));
        }

        Directory.CreateDirectory(Path.Combine(Root, "to"));
    }

    public ChildProcess StartProcess(IReadOnlyDictionary<string, string> environment) => ChildProcess.OfTool(Replicate, environment);

    /// <summary>Runs the same command again, and asserts that replica, account and journal are what an undisturbed run leaves.</summary>
    public async Task AssertNextRunCompletesAsync(string crash)
    {
        Account.Faults.Clear();
        var run = await CliRun.OfAsync(Replicate);
        Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Done), crash + "\n" + run.Error + run.Output);
        foreach (var volumeId in _instance.VolumeIds)
        {
            var replica = Path.Combine(Root, "to", $"{volumeId}.raw");
            var differs = await FileComparison.FindDifferenceAsync(Account.VolumePath(volumeId), replica);
            Assert.That(differs, Is.Null, $"{crash}: {volumeId} differs in the MiB at this offset");
        }

        await Account.AssertNothingLeftAsync(_instance, baselines: true, crash + "\n" + run.Error);
        var sweep = await Account.RunAsync("sweep", "--state", Path.Combine(Root, "state"), "--dry-run", "--json");
        var actions = sweep.Json.GetProperty("resources").EnumerateArray().Select(resource => resource.GetProperty("action").GetString());
        Assert.That(actions, Has.Exactly(_instance.VolumeIds.Count).Items.And.All.EqualTo("kept"), crash);
        var left = Directory.EnumerateFiles(Root, "*", SearchOption.AllDirectories).Where(IsUnfinished);
        Assert.That(left, Is.Empty, crash);
        if (!_incremental)
        {
            Directory.Delete(Root, recursive: true);
        }
    }

    /// <summary>Waits until a call is stuck in a fault; null when the process ended before.</summary>
    public async Task<RecordedCall?> WaitForFaultAsync(Task ended, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var stuck = Account.Calls.WaitForAsync(call => call.Fault is not null, stop.Token);
        if (await Task.WhenAny(stuck, ended) == stuck)
        {
            return await stuck;
        }

        await stop.CancelAsync();
        return Account.Calls.GetLatest().FirstOrDefault(call => call.Fault is not null);
    }

    public override string ToString() =>
        $"{(_incremental ? "incremental" : "full")} run, {_readPath} path{(_resumePoints ? ", with resume points" : "")}";

    public ValueTask DisposeAsync() => Account.DisposeAsync();

    private static bool IsUnfinished(string path) =>
        Path.GetExtension(path) is ".tmp" or ".draft" or ".pending" or ".resume" or ".journal";
}
