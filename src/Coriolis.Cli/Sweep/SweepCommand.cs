using System.CommandLine;
using System.Globalization;
using Coriolis.Providers;

namespace Coriolis.Cli;

internal sealed class SweepCommand : CliCommand
{
    private readonly Option<bool> _dryRun = new("--dry-run") { Description = "Report only; remove nothing." };

    private readonly Option<string?> _state = new("--state")
    {
        Description = "Only what belongs to this state folder; what its executions left is removed without waiting for its expiry.",
        HelpName = "DIR",
    };

    public SweepCommand()
        : base(
            "sweep",
            "Removes what earlier executions left in the account and nobody needs any more.",
            hasJson: true,
            "sweep --dry-run",
            "sweep --state /var/lib/coriolis --json")
    {
        AddAll(_dryRun, _state);
    }

    public override async Task<int> RunAsync(Invocation invocation, CancellationToken cancellationToken)
    {
        var state = invocation.GetOptional(_state);
        if (state is not null && !Directory.Exists(state))
        {
            throw new UsageException([$"--state {state} does not exist."]);
        }

        var services = SessionServices.Create(invocation, state: state);
        await using var scope = services.ConfigureAwait(false);
        var dryRun = invocation.Get(_dryRun);
        var request = await services.CreateSweepRequestAsync(dryRun, cancellationToken).ConfigureAwait(false);

        var report = await services.Source.SweepAsync(request, cancellationToken).ConfigureAwait(false);

        if (invocation.Json)
        {
            invocation.Terminal.WriteJson(SweepDocument.From(report, dryRun), CliJsonContext.Readable.SweepDocument);
        }
        else
        {
            WriteTable(invocation.Terminal, report, dryRun);
        }

        return report.Resources.Any(resource => resource.Action == SweepAction.Failed) ? ExitCode.Failed : ExitCode.Done;
    }

    public static void WriteTable(Terminal terminal, SweepReport report, bool dryRun)
    {
        if (report.Resources.Count == 0)
        {
            terminal.WriteResult("Nothing of ours is in the account.");
            return;
        }

        var table = new TextTable("TYPE", "ID", "ACTION", "CREATED", "WHY");
        foreach (var resource in report.Resources)
        {
            table.Add(
                resource.Type,
                resource.Id,
                Describe(resource.Action, dryRun),
                resource.CreatedAt?.ToString("u", CultureInfo.InvariantCulture) ?? string.Empty,
                resource.Why);
        }

        table.WriteTo(terminal);
    }

    private static string Describe(SweepAction action, bool dryRun) =>
        dryRun && action == SweepAction.Removed ? "would be removed" : Words.Lower(action);
}
