using Coriolis.Providers;
using Coriolis.Replication;

namespace Coriolis.Cli;

/// <summary>What the demo does with its instance, step by step.</summary>
internal sealed class DemoStory
{
    // Real workers of the emulator are in this network; there is no service to ask for the address of the caller.
    private const string SourceEnvironment = """{"worker_instance_type": "t3.medium", "worker_allowed_cidr": "198.18.0.0/15"}""";

    private readonly Invocation _invocation;
    private readonly ReadPath _readPath;
    private readonly DemoAccount _account;
    private readonly DemoInstance _instance;
    private readonly Func<string, string> _volumePath;
    private readonly string _replicaFolder;
    private readonly string _stateFolder;

    public DemoStory(
        Invocation invocation, ReadPath readPath, DemoAccount account, DemoInstance instance, Func<string, string> volumePath, string folder)
    {
        _invocation = invocation;
        _readPath = readPath;
        _account = account;
        _instance = instance;
        _volumePath = volumePath;
        _replicaFolder = Directory.CreateDirectory(Path.Combine(folder, "replica")).FullName;
        _stateFolder = Path.Combine(folder, "state");
    }

    public async Task<int> TellAsync(string rootContent, Uri endpoint, CancellationToken cancellationToken)
    {
        var dataContent = DemoDisks.FillData(_volumePath(_instance.DataVolumeId));
        Say($"An emulated AWS account on {endpoint} holds the instance {_instance.InstanceId} with two disks:");
        Say($"  {_instance.RootVolumeId}  {ByteSize.Format(DemoDisks.RootSize)}  {rootContent}");
        Say($"  {_instance.DataVolumeId}  {ByteSize.Format(DemoDisks.DataSize)}  {dataContent}");

        Step("1. Replicate it: everything that is not zero is copied.");
        var first = await ReplicateAndProveAsync(cancellationToken).ConfigureAwait(false);

        DemoDisks.Change(_volumePath(_instance.RootVolumeId), _volumePath(_instance.DataVolumeId));
        Step($"2. Overwrite {ByteSize.Format(DemoDisks.ChangedBytes)} on the source and replicate again: only what changed is copied.");
        var second = first && await ReplicateAndProveAsync(cancellationToken).ConfigureAwait(false);

        Step("3. Sweep the account for leftovers.");
        var clean = await SweepAsync(cancellationToken).ConfigureAwait(false);
        return second && clean ? ExitCode.Done : ExitCode.Failed;
    }

    private async Task<bool> ReplicateAndProveAsync(CancellationToken cancellationToken)
    {
        var services = SessionServices.Create(_invocation, _replicaFolder, _stateFolder, SourceEnvironment);
        await using var scope = services.ConfigureAwait(false);
        var request = new ReplicationRequest { Instance = DemoAccount.InstanceName, ReadPath = _readPath };
        var report = await ProgressDisplay.For(_invocation)
            .ShowAsync(progress => services.Pipeline.RunAsync(request, progress, cancellationToken))
            .ConfigureAwait(false);
        cancellationToken.ThrowIfCancellationRequested();

        Say($"  {Words.Lower(report.Status)} in {Words.Seconds(report.Duration)} with {services.Calls.Calls.Values.Sum()} AWS calls");
        var identical = report.Status == ExecutionStatus.Succeeded;
        foreach (var disk in report.Disks)
        {
            Say($"  {disk.DiskId}  {Words.Lower(disk.Mode)}, {ByteSize.Format(disk.TransferredBytes)} of {ByteSize.Format(disk.SizeBytes)} copied, {How(disk.ReadPath)}");
            if (disk.Error is not null)
            {
                Say($"  {disk.DiskId}  {ErrorWriter.Describe(Failure.From(disk.Error))}");
            }
        }

        foreach (var volumeId in _instance.VolumeIds)
        {
            identical &= await ProveAsync(volumeId, cancellationToken).ConfigureAwait(false);
        }

        return identical;
    }

    private static string How(ReadPath path) => path == ReadPath.Worker ? "read through a worker" : "read over the block API";

    private async Task<bool> ProveAsync(string volumeId, CancellationToken cancellationToken)
    {
        var replica = Path.Combine(_replicaFolder, $"{volumeId}.raw");
        var digest = await ReplicaProof.CompareAsync(_volumePath(volumeId), replica, cancellationToken).ConfigureAwait(false);
        Say(digest is null ? $"  {volumeId}  DIFFERS from its replica" : $"  {volumeId}  identical, byte for byte; SHA-256 {digest}");
        return digest is not null;
    }

    private async Task<bool> SweepAsync(CancellationToken cancellationToken)
    {
        var services = SessionServices.Create(_invocation, _replicaFolder, _stateFolder);
        await using var scope = services.ConfigureAwait(false);
        var report = await services.SweepAsync(dryRun: false, olderThan: TimeSpan.Zero, cancellationToken).ConfigureAwait(false);
        Say($"  {Words.Count(report.Resources.Count(resource => resource.Action == SweepAction.Removed), "resource")} removed");

        Say("  What replication keeps in the account, as the baseline of the next run:");
        var snapshots = await _account.ListSnapshotsAsync(cancellationToken).ConfigureAwait(false);
        foreach (var snapshot in snapshots)
        {
            Say($"  {snapshot.SnapshotId}  of {snapshot.VolumeId}");
        }

        var others = await _account.ListOthersAsync(_instance, cancellationToken).ConfigureAwait(false);
        Say(others.Count == 0 ? "  Nothing else." : $"  Left behind: {string.Join(", ", others)}");
        var unexpected = snapshots.Count != _instance.VolumeIds.Count
            || report.Resources.Any(resource => resource.Action == SweepAction.Failed);
        return others.Count == 0 && !unexpected;
    }

    private void Step(string title)
    {
        Say(string.Empty);
        Say(title);
    }

    private void Say(string line) => _invocation.Terminal.WriteResult(line);
}
