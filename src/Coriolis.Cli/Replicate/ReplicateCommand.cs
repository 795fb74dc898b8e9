using System.CommandLine;

namespace Coriolis.Cli;

internal sealed class ReplicateCommand : CliCommand
{
    private readonly ReplicationArguments _arguments = new();

    private readonly Option<bool> _shutDown = new("--shutdown")
    {
        Description = "Shut the instance down before its disks are captured; it is started again if the run fails.",
    };

    private readonly Option<bool> _verify = new("--verify")
    {
        Description = "Read every replica back and compare it with its manifest before it is committed.",
    };

    public ReplicateCommand()
        : base(
            "replicate",
            "Brings the replica of an instance up to date; the first run copies what is not zero, later ones what changed.",
            hasJson: true,
            "replicate web-1 --to /replicas/web-1 --state /var/lib/coriolis/web-1",
            "replicate i-0123456789abcdef0 --to DIR --state DIR --exclude-disk vol-0123456789abcdef0 --verify --json")
    {
        AddAll([.. _arguments.Symbols, _shutDown, _verify]);
    }

    public override async Task<int> RunAsync(Invocation invocation, CancellationToken cancellationToken)
    {
        var request = _arguments.CreateRequest(invocation) with
        {
            ShutDown = invocation.Get(_shutDown),
            Verify = invocation.Get(_verify),
        };
        var services = _arguments.CreateServices(invocation);
        await using var scope = services.ConfigureAwait(false);
        var report = await ReplicationRun.ShowAsync(
            invocation, progress => services.Pipeline.RunAsync(request, progress, cancellationToken)).ConfigureAwait(false);

        if (invocation.Json)
        {
            var document = ExecutionDocument.From(report) with { AwsCalls = services.Calls.Calls };
            invocation.Terminal.WriteJson(document, CliJsonContext.Readable.ExecutionDocument);
        }
        else
        {
            ExecutionReportWriter.Write(invocation.Terminal, report);
        }

        ExecutionReportWriter.WriteProblems(invocation.Terminal, report);
        return ReplicationRun.ExitCodeOf(report.Status);
    }
}
