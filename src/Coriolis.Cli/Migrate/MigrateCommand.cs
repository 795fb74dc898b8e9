using System.CommandLine;
using System.Globalization;
using Coriolis.Replication;

namespace Coriolis.Cli;

internal sealed class MigrateCommand : CliCommand
{
    private const int MaxSyncs = 100;

    private readonly ReplicationArguments _arguments = new();

    private readonly Option<int> _syncs = new("--syncs")
    {
        Description = "How many times to replicate before the instance is shut down; the last sync is shorter for it.",
        HelpName = "N",
        DefaultValueFactory = _ => 1,
    };

    public MigrateCommand()
        : base(
            "migrate",
            "Replicates an instance, shuts it down, replicates the rest and verifies the replica; starts it again if that fails.",
            hasJson: true,
            "migrate web-1 --to /replicas/web-1 --state /var/lib/coriolis/web-1",
            "migrate i-0123456789abcdef0 --to DIR --state DIR --syncs 3 --json")
    {
        _syncs.Validators.Add(result =>
        {
            // What is no number at all is reported by the parser.
            if (result.Tokens is [var token] && int.TryParse(token.Value, CultureInfo.InvariantCulture, out var syncs)
                && syncs is < 0 or > MaxSyncs)
            {
                result.AddError($"--syncs must be from 0 to {MaxSyncs}.");
            }
        });
        AddAll([.. _arguments.Symbols, _syncs]);
    }

    public override async Task<int> RunAsync(Invocation invocation, CancellationToken cancellationToken)
    {
        var request = _arguments.CreateRequest(invocation);
        var services = _arguments.CreateServices(invocation);
        await using var scope = services.ConfigureAwait(false);
        var report = await ReplicationRun.ShowAsync(
            invocation,
            progress => services.Migration.RunAsync(request, invocation.Get(_syncs), progress, cancellationToken)).ConfigureAwait(false);

        if (invocation.Json)
        {
            var document = MigrationDocument.From(report, services.Calls.Calls);
            invocation.Terminal.WriteJson(document, CliJsonContext.Readable.MigrationDocument);
        }
        else
        {
            Write(invocation.Terminal, report);
        }

        foreach (var execution in report.Executions)
        {
            ExecutionReportWriter.WriteProblems(invocation.Terminal, execution);
        }

        return ReplicationRun.ExitCodeOf(report.Status);
    }

    private static void Write(Terminal terminal, MigrationReport report)
    {
        foreach (var execution in report.Executions)
        {
            ExecutionReportWriter.Write(terminal, execution);
            terminal.WriteResult(string.Empty);
        }

        var id = report.Executions[^1].InstanceId;
        terminal.WriteResult(report switch
        {
            { Status: ExecutionStatus.Succeeded } => $"{id} is shut down; its replica was read back and equals it.",
            { ShutDown: false } => $"{id} was not shut down, because a sync before that did not succeed.",
            _ => $"{id} was not migrated; if it ran before, it was started again.",
        });
    }
}
