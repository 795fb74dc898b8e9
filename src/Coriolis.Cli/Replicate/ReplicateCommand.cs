using System.CommandLine;
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
        _readPath.AcceptOnlyFromAmong("auto", "direct");
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

        await Task.CompletedTask.ConfigureAwait(false);
        throw new NotSupportedException($"Not connected yet: {request.Instance}.");
    }
}
