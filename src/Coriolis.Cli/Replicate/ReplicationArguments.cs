using System.CommandLine;
using System.Globalization;
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

    private readonly Option<bool> _noResume = new("--no-resume")
    {
        Description = "Take a new point in time even when a run that was killed could be continued.",
    };

    private readonly Option<double> _resumeInterval = new("--resume-interval")
    {
        Description = "How often progress inside a disk is made durable: a run that is killed loses no more than that. 0: after every chunk.",
        HelpName = "SECONDS",
        DefaultValueFactory = _ => new ReplicationOptions().ResumePointInterval.TotalSeconds,
    };

    public ReplicationArguments()
    {
        _resumeInterval.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && double.TryParse(token.Value, CultureInfo.InvariantCulture, out var seconds)
                && seconds is not (>= 0 and <= 86_400))
            {
                result.AddError("--resume-interval must be from 0 to 86400.");
            }
        });
    }

    public IEnumerable<Symbol> Symbols => [_instance, _to, _state, _readPath, _environment, _excludedDisks, _noResume, _resumeInterval];

    /// <exception cref="UsageException">A folder is missing, or is not a folder.</exception>
    public ReplicationRequest CreateRequest(Invocation invocation)
    {
        ReplicaFolders.Check(invocation.Get(_to), invocation.Get(_state));
        return new ReplicationRequest
        {
            Instance = invocation.Get(_instance),
            ExcludedDiskIds = invocation.Get(_excludedDisks).ToHashSet(StringComparer.Ordinal),
            Resume = !invocation.Get(_noResume),
            ReadPath = ReadPathOption.Parse(invocation.Get(_readPath)),
        };
    }

    public SessionServices CreateServices(Invocation invocation) => SessionServices.Create(
        invocation,
        invocation.Get(_to),
        invocation.Get(_state),
        invocation.Get(_environment),
        options => options.ResumePointInterval = TimeSpan.FromSeconds(invocation.Get(_resumeInterval)));
}
