using System.CommandLine;
using System.Globalization;
using Coriolis.Replication;

namespace Coriolis.Cli;

internal sealed class StatusCommand : CliCommand
{
    private readonly Argument<string?> _instance = new("INSTANCE")
    {
        Description = "Only the replica of this instance, by id or name, with its disks.",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private readonly Option<string> _state = new("--state")
    {
        Description = "The state folder.",
        HelpName = "DIR",
        Required = true,
    };

    public StatusCommand()
        : base(
            "status",
            "Shows the replicas of a state folder and how their last runs are going or went; needs no credentials.",
            hasJson: true,
            "status --state /var/lib/coriolis",
            "status web-1 --state /var/lib/coriolis --json")
    {
        AddAll(_instance, _state);
    }

    public override async Task<int> RunAsync(Invocation invocation, CancellationToken cancellationToken)
    {
        var state = invocation.Get(_state);
        if (!Directory.Exists(state))
        {
            throw new UsageException([$"--state {state} does not exist."]);
        }

        var instance = invocation.Parsed.GetValue(_instance);
        var store = new ReplicaStateStore(state, invocation.TimeProvider);
        var replicas = await store.ReadStatusAsync(cancellationToken).ConfigureAwait(false);
        var wanted = replicas.Where(replica => instance is null || replica.InstanceId == instance || replica.InstanceName == instance).ToList();
        var now = invocation.TimeProvider.GetUtcNow();
        var documents = wanted.Select(replica => ReplicaStatusDocument.From(replica, now)).ToList();
        if (invocation.Json)
        {
            invocation.Terminal.WriteJson(new StatusDocument(documents), CliJsonContext.Readable.StatusDocument);
        }
        else
        {
            Write(invocation.Terminal, documents, withDisks: instance is not null);
        }

        if (instance is null || wanted.Count > 0)
        {
            return ExitCode.Done;
        }

        invocation.Terminal.WriteNote($"error: The state folder {state} has no replica of {instance}.");
        return ExitCode.NotFound;
    }

    private static void Write(Terminal terminal, List<ReplicaStatusDocument> replicas, bool withDisks)
    {
        if (replicas.Count == 0)
        {
            terminal.WriteResult("There is no replica here.");
            return;
        }

        var table = new TextTable("INSTANCE", "NAME", "STATE", "STAGE", "DONE", "WRITTEN", "RATE", "LEFT", "LAG");
        foreach (var replica in replicas)
        {
            var isMoving = replica.State == ReplicaStatusDocument.Running;
            table.Add(
                replica.InstanceId,
                replica.InstanceName,
                replica.State,
                isMoving ? replica.Detail ?? replica.Stage ?? string.Empty : string.Empty,
                Percent(replica.PositionBytes, replica.SizeBytes),
                ByteSize.Format(replica.TransferredBytes),
                isMoving ? $"{ByteSize.Format(replica.BytesPerSecond)}/s" : string.Empty,
                isMoving ? About(replica.RemainingSeconds) : string.Empty,
                About(replica.LagSeconds));
        }

        table.WriteTo(terminal);
        foreach (var replica in replicas)
        {
            WriteDetails(terminal, replica, withDisks);
        }
    }

    private static void WriteDetails(Terminal terminal, ReplicaStatusDocument replica, bool withDisks)
    {
        if (replica.Error is { } error)
        {
            terminal.WriteResult($"{replica.InstanceId}: {error}");
        }

        if (replica.Holder is { } holder)
        {
            terminal.WriteResult($"{replica.InstanceId}: held by {holder}");
        }

        if (replica.State == ReplicaStatusDocument.Interrupted)
        {
            terminal.WriteResult($"{replica.InstanceId}: its process died; run replicate again to go on.");
        }

        foreach (var disk in withDisks ? replica.Disks : [])
        {
            var committed = disk.PointInTime is { } at ? $"holds {at:u}" : "never committed";
            var moving = disk.Stage is { } stage
                ? $", last {stage} at {Percent(disk.PositionBytes, disk.SizeBytes)}, {ByteSize.Format(disk.TransferredBytes)} written"
                : string.Empty;
            terminal.WriteResult($"{disk.DiskId}  {ByteSize.Format(disk.SizeBytes)}  {committed}{moving}");
        }
    }

    private static string About(double? seconds) => Words.About(seconds is { } known ? TimeSpan.FromSeconds(known) : null);

    private static string Percent(long part, long whole) =>
        whole == 0 ? string.Empty : string.Create(CultureInfo.InvariantCulture, $"{100.0 * part / whole:0} %");
}
