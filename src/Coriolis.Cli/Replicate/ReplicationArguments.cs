using System.CommandLine;
using Coriolis.Replication;

namespace Coriolis.Cli;

/// <summary>The arguments that say what is replicated and where to; <c>replicate</c> and <c>migrate</c> share them.</summary>
internal sealed class ReplicationArguments
{
    private readonly Argument<string> _instance = InstanceArgument.Create();
    private readonly Option<string> _to = ReplicaFolders.CreateTo();
    private readonly Option<string> _state = ReplicaFolders.CreateState();

    private readonly Option<string> _readPath = ReadPathOption.Create("auto");

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

    public IEnumerable<Symbol> Symbols => [_instance, _to, _state, _readPath, _environment, _excludedDisks];

    /// <exception cref="UsageException">A folder is missing, or is not a folder.</exception>
    public ReplicationRequest CreateRequest(Invocation invocation)
    {
        ReplicaFolders.Check(invocation.Get(_to), invocation.Get(_state));
        return new ReplicationRequest
        {
            Instance = invocation.Get(_instance),
            ExcludedDiskIds = invocation.Get(_excludedDisks).ToHashSet(StringComparer.Ordinal),
            ReadPath = ReadPathOption.Parse(invocation.Get(_readPath)),
        };
    }

    public SessionServices CreateServices(Invocation invocation) =>
        SessionServices.Create(invocation, invocation.Get(_to), invocation.Get(_state), invocation.Get(_environment));
}
