using System.CommandLine;
using System.CommandLine.Parsing;
using Coriolis.Providers;
using Coriolis.Replication;

namespace Coriolis.Cli;

/// <summary>The arguments that say what is replicated and where to; <c>replicate</c> and <c>migrate</c> share them.</summary>
internal sealed class ReplicationArguments
{
    private readonly Argument<string> _instance = InstanceArgument.Create();
    private readonly Option<string> _to = ReplicaFolders.CreateTo();
    private readonly Option<string> _state = ReplicaFolders.CreateState();

    private readonly Option<string> _readPath = new("--read-path")
    {
        Description = "How the disks are read: over the EBS block API (direct), through a temporary instance (worker), or directly where that is allowed (auto).",
        HelpName = "auto|direct|worker",
        DefaultValueFactory = _ => "auto",
    };

    private readonly Option<string> _environment = new("--source-environment")
    {
        Description = "The source environment of a Coriolis transfer, as JSON, for example {\"worker_instance_type\": \"t3.large\"}.",
        HelpName = "JSON",
        DefaultValueFactory = _ => "{}",
    };

    private readonly Option<string[]> _excludedDisks = new("--exclude-disk")
    {
        Description = "Leave this disk out; may be given several times.",
        HelpName = "ID",
        DefaultValueFactory = _ => [],
    };

    public ReplicationArguments()
    {
        _readPath.CompletionSources.Add("auto", "direct", "worker");
        _readPath.Validators.Add(RequireReadPath);
    }

    public IEnumerable<Symbol> Symbols => [_instance, _to, _state, _readPath, _environment, _excludedDisks];

    /// <exception cref="UsageException">A folder is missing, or is not a folder.</exception>
    public ReplicationRequest CreateRequest(Invocation invocation)
    {
        ReplicaFolders.Check(invocation.Get(_to), invocation.Get(_state));
        return new ReplicationRequest
        {
            Instance = invocation.Get(_instance),
            ExcludedDiskIds = invocation.Get(_excludedDisks).ToHashSet(StringComparer.Ordinal),
            ReadPath = Enum.Parse<ReadPath>(invocation.Get(_readPath), ignoreCase: true),
        };
    }

    public SessionServices CreateServices(Invocation invocation) =>
        SessionServices.Create(invocation, invocation.Get(_to), invocation.Get(_state), invocation.Get(_environment));

    private static void RequireReadPath(OptionResult result)
    {
        var text = result.GetValueOrDefault<string>();
        if (text is not ("auto" or "direct" or "worker"))
        {
            result.AddError($"--read-path must be auto, direct or worker, not '{text}'.");
        }
    }
}
