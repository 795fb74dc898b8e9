using System.CommandLine;
using Coriolis.Replication;

namespace Coriolis.Cli;

internal sealed class VerifyCommand : CliCommand
{
    private readonly Argument<string> _instance = InstanceArgument.Create();
    private readonly Option<string> _to = ReplicaFolders.CreateTo();
    private readonly Option<string> _state = ReplicaFolders.CreateState();

    private readonly Option<bool> _repair = new("--repair")
    {
        Description = "If a disk differs, run an execution that fetches what is bad, and what changed since, and read the replica back.",
    };

    public VerifyCommand()
        : base(
            "verify",
            "Reads every disk of a replica and compares it with the manifest of the last commit.",
            hasJson: true,
            "verify i-0123456789abcdef0 --to /replicas --state /var/lib/coriolis",
            "verify web-1 --to /replicas --state /var/lib/coriolis --repair --json")
    {
        AddAll(_instance, _to, _state, _repair);
    }

    public override async Task<int> RunAsync(Invocation invocation, CancellationToken cancellationToken)
    {
        ReplicaFolders.Check(invocation.Get(_to), invocation.Get(_state));
        var services = SessionServices.Create(invocation, invocation.Get(_to), invocation.Get(_state));
        await using var scope = services.ConfigureAwait(false);
        var instanceId = await ResolveAsync(services, invocation.Get(_instance), cancellationToken).ConfigureAwait(false);

        var started = invocation.TimeProvider.GetTimestamp();
        var report = await ProgressDisplay.For(invocation)
            .ShowAsync(progress => services.Verifier.VerifyAsync(instanceId, progress, cancellationToken))
            .ConfigureAwait(false);
        var duration = invocation.TimeProvider.GetElapsedTime(started);
        var repair = !report.IsEqual && invocation.Get(_repair)
            ? await RepairAsync(invocation, services, report, cancellationToken).ConfigureAwait(false)
            : null;

        if (invocation.Json)
        {
            var document = VerificationDocument.From(report, duration) with
            {
                Repair = repair is null ? null : ExecutionDocument.From(repair),
            };
            invocation.Terminal.WriteJson(document, CliJsonContext.Readable.VerificationDocument);
        }
        else
        {
            Write(invocation.Terminal, report, duration);
            if (repair is not null)
            {
                ExecutionReportWriter.Write(invocation.Terminal, repair);
            }
        }

        if (repair is null)
        {
            return report.IsEqual ? ExitCode.Done : ExitCode.Failed;
        }

        ExecutionReportWriter.WriteProblems(invocation.Terminal, repair);
        return ReplicationRun.ExitCodeOf(repair.Status);
    }

    /// <summary>The manifest says what a chunk was, not what it held: what is bad comes from the source, as it is now.</summary>
    private static async Task<ExecutionReport> RepairAsync(
        Invocation invocation, SessionServices services, VerificationReport verified, CancellationToken cancellationToken)
    {
        var instance = await services.Source.GetInstanceAsync(verified.InstanceId, cancellationToken).ConfigureAwait(false);
        var request = new ReplicationRequest
        {
            Instance = instance.Id,
            ExcludedDiskIds = instance.Disks.Select(disk => disk.Id).Except(verified.Disks.Select(disk => disk.DiskId)).ToHashSet(),
            CompareDestination = true,
            Verify = true,
        };
        return await ReplicationRun.ShowAsync(
            invocation, progress => services.Pipeline.RunAsync(request, progress, cancellationToken)).ConfigureAwait(false);
    }

    /// <summary>An id needs no look at the account, so that a replica can be verified without credentials.</summary>
    private static async Task<string> ResolveAsync(SessionServices services, string instance, CancellationToken cancellationToken)
    {
        if (instance.StartsWith("i-", StringComparison.Ordinal))
        {
            return instance;
        }

        var found = await services.Source.GetInstanceAsync(instance, cancellationToken).ConfigureAwait(false);
        return found.Id;
    }

    private static void Write(Terminal terminal, VerificationReport report, TimeSpan duration)
    {
        var outcome = report.IsEqual ? "equals its manifests" : "differs from its manifests";
        terminal.WriteResult($"The replica of {report.InstanceId} {outcome} ({Words.Seconds(duration)})");
        foreach (var disk in report.Disks)
        {
            terminal.WriteResult($"{disk.DiskId}  {ByteSize.Format(disk.SizeBytes)}  {Describe(disk)}");
            foreach (var range in disk.DifferentRanges)
            {
                terminal.WriteResult($"  differs from byte {range.Offset} to {range.End}");
            }
        }
    }

    private static string Describe(DiskVerification disk) => disk switch
    {
        { Error: { } error } => ErrorWriter.Describe(Failure.From(error)),
        { Status: VerificationStatus.Equal } => $"equal, digest {disk.ContentRoot}",
        { Status: VerificationStatus.Different } => $"different in {disk.DifferentChunks} chunks ({disk.DestinationState})",
        _ => $"{Words.Lower(disk.Status)} ({disk.DestinationState})",
    };
}
