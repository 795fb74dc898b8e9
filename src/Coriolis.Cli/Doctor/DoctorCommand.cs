using Coriolis.Providers.Aws;

namespace Coriolis.Cli;

internal sealed class DoctorCommand : CliCommand
{
    public DoctorCommand()
        : base(
            "doctor",
            "Checks credentials, region, permissions, endpoints and keys, and says what to do about each problem.",
            hasJson: false,
            "doctor --region eu-west-1 --profile migration")
    {
    }

    public override async Task<int> RunAsync(Invocation invocation, CancellationToken cancellationToken)
    {
        var services = SessionServices.Create(invocation);
        await using var scope = services.ConfigureAwait(false);
        var failed = 0;
        await foreach (var finding in services.Doctor.DiagnoseAsync(cancellationToken).ConfigureAwait(false))
        {
            failed += finding.Verdict == DoctorVerdict.Failed ? 1 : 0;
            Write(invocation.Terminal, finding);
        }

        invocation.Terminal.WriteResult(string.Empty);
        invocation.Terminal.WriteResult(failed == 0
            ? "Replication will work with these credentials in this region."
            : $"{Words.Count(failed, "problem")} to solve before replication will work.");
        return failed == 0 ? ExitCode.Done : ExitCode.Failed;
    }

    private static void Write(Terminal terminal, DoctorFinding finding)
    {
        terminal.WriteResult($"{Words.Lower(finding.Verdict),-8} {finding.Check}: {finding.Message}");
        if (finding.Remedy is not null)
        {
            terminal.WriteResult($"         {finding.Remedy}");
        }
    }
}
