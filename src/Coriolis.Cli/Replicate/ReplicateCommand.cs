using System.CommandLine;
using System.CommandLine.Parsing;
using Coriolis.Providers;
using Coriolis.Replication;

namespace Coriolis.Cli;

internal sealed class ReplicateCommand : CliCommand
{
    private readonly Argument<string> _instance = InstanceArgument.Create();
    private readonly Option<string> _to = ReplicaFolders.CreateTo();
    private readonly Option<string> _state = ReplicaFolders.CreateState();

    private readonly Option<string> _readPath = new("--read-path")
    {
        Description = "How the disks are read: over the EBS block API (direct), or what suits best (auto).",
        HelpName = "auto|direct",
        DefaultValueFactory = _ => "auto",
    };

    private readonly Option<bool> _shutDown = new("--shutdown")
    {
        Description = "Shut the instance down before its disks are captured; it is started again if the run fails.",
    };

    private readonly Option<string[]> _excludedDisks = new("--exclude-disk")
    {
        Description = "Leave this disk out; may be given several times.",
        HelpName = "ID",
        DefaultValueFactory = _ => [],
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
        _readPath.CompletionSources.Add("auto", "direct");
        _readPath.Validators.Add(RequireReadPath);
        AddAll(_instance, _to, _state, _readPath, _shutDown, _excludedDisks, _verify);
    }

    public override async Task<int> RunAsync(Invocation invocation, CancellationToken cancellationToken)
    {
        ReplicaFolders.Check(invocation.Get(_to), invocation.Get(_state));
        var request = new ReplicationRequest
        {
            Instance = invocation.Get(_instance),
            ExcludedDiskIds = invocation.Get(_excludedDisks).ToHashSet(StringComparer.Ordinal),
            ShutDown = invocation.Get(_shutDown),
            ReadPath = invocation.Get(_readPath) == "direct" ? ReadPath.Direct : ReadPath.Auto,
            Verify = invocation.Get(_verify),
        };

        var services = SessionServices.Create(invocation, invocation.Get(_to), invocation.Get(_state));
        await using var scope = services.ConfigureAwait(false);
        var report = await RunAsync(invocation, services, request, cancellationToken).ConfigureAwait(false);

        if (invocation.Json)
        {
            var document = ExecutionDocument.From(report, services.Calls.Calls);
            invocation.Terminal.WriteJson(document, CliJsonContext.Readable.ExecutionDocument);
        }
        else
        {
            ExecutionReportWriter.Write(invocation.Terminal, report);
        }

        ExecutionReportWriter.WriteProblems(invocation.Terminal, report);
        return report.Status switch
        {
            ExecutionStatus.Succeeded => ExitCode.Done,
            ExecutionStatus.Cancelled => ExitCode.Cancelled,
            _ => ExitCode.Failed,
        };
    }

    private static async Task<ExecutionReport> RunAsync(
        Invocation invocation, SessionServices services, ReplicationRequest request, CancellationToken cancellationToken)
    {
        try
        {
            return await ProgressDisplay.For(invocation)
                .ShowAsync(progress => services.Pipeline.RunAsync(request, progress, cancellationToken))
                .ConfigureAwait(false);
        }
        catch (ArgumentException exception) when (exception.ParamName == nameof(request))
        {
            // Only the engine knows the disks of the instance, and so whether the excluded ones are among them.
            throw UsageException.From(exception);
        }
    }

    private static void RequireReadPath(OptionResult result)
    {
        var text = result.GetValueOrDefault<string>();
        if (text is not ("auto" or "direct"))
        {
            result.AddError($"--read-path must be auto or direct, not '{text}'.");
        }
    }
}
