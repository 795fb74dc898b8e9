using System.CommandLine;
using System.Globalization;
using Coriolis.Providers;

namespace Coriolis.Cli;

internal sealed class SweepCommand : CliCommand
{
    private const int MaxHours = 100_000;

    private readonly Option<bool> _dryRun = new("--dry-run") { Description = "Report only; remove nothing." };

    private readonly Option<string?> _state = new("--state")
    {
        Description = "Only what belongs to this state folder; what its executions left is removed without waiting for its expiry.",
        HelpName = "DIR",
    };

    private readonly Option<double> _olderThan = new("--older-than")
    {
        Description = "Remove only what is at least this old.",
        HelpName = "HOURS",
        DefaultValueFactory = _ => 0,
    };

    public SweepCommand()
        : base(
            "sweep",
            "Removes what earlier executions left in the account and nobody needs any more.",
            hasJson: true,
            "sweep --dry-run",
            "sweep --state /var/lib/coriolis --older-than 12",
            "sweep --state /var/lib/coriolis --json")
    {
        _olderThan.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && double.TryParse(token.Value, CultureInfo.InvariantCulture, out var hours)
                && hours is not (>= 0 and <= MaxHours))
            {
                result.AddError($"--older-than must be from 0 to {MaxHours}.");
            }
        });
        AddAll(_dryRun, _olderThan, _state);
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
        var olderThan = TimeSpan.FromHours(invocation.Get(_olderThan));
        var report = await services.SweepAsync(dryRun, olderThan, cancellationToken).ConfigureAwait(false);

        var now = invocation.TimeProvider.GetUtcNow();
        if (invocation.Json)
        {
            invocation.Terminal.WriteJson(SweepDocument.From(report, dryRun, now), CliJsonContext.Readable.SweepDocument);
        }
        else
        {
            WriteTable(invocation.Terminal, report, dryRun, now);
        }

        return report.Resources.Any(resource => resource.Action == SweepAction.Failed) ? ExitCode.Failed : ExitCode.Done;
    }

    public static void WriteTable(Terminal terminal, SweepReport report, bool dryRun, DateTimeOffset now)
    {
        if (report.Resources.Count == 0)
        {
            terminal.WriteResult("Nothing of ours is in the account.");
            return;
        }

        var table = new TextTable("TYPE", "ID", "ACTION", "AGE", "USD/H", "OWNER", "EXECUTION", "WHY");
        foreach (var resource in report.Resources)
        {
            table.Add(
                resource.Type,
                resource.Id,
                Describe(resource.Action, dryRun),
                resource.CreatedAt is { } at ? Words.About(now - at) : string.Empty,
                resource.HourlyCostUsd?.ToString("0.0000", CultureInfo.InvariantCulture) ?? "?",
                Shorten(resource.OwnerId),
                Shorten(resource.ExecutionId),
                resource.Why);
        }

        table.WriteTo(terminal);
        var cost = SweepDocument.CostOf(report, SweepAction.Removed);
        terminal.WriteResult(string.Create(
            CultureInfo.InvariantCulture, $"{(dryRun ? "Would save" : "Saves")} at most {cost:0.0000} USD an hour at list prices of us-east-1."));
    }

    // Ids are 32 hexadecimal digits; a quarter of them tells one from another, and --json has all.
    private static string Shorten(string? id) => id is null ? string.Empty : id[..Math.Min(id.Length, 13)];

    private static string Describe(SweepAction action, bool dryRun) =>
        dryRun && action == SweepAction.Removed ? "would be removed" : Words.Lower(action);
}
