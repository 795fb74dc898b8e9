using System.CommandLine;

namespace Coriolis.Cli;

internal sealed class VerifyCommand : CliCommand
{
    private readonly Argument<string> _instance = InstanceArgument.Create();
    private readonly Option<string> _to = ReplicaFolders.CreateTo();
    private readonly Option<string> _state = ReplicaFolders.CreateState();

    public VerifyCommand()
        : base(
            "verify",
            "Reads every disk of a replica and compares it with the manifest of the last commit.",
            hasJson: true,
            "verify web-1 --to /replicas/web-1 --state /var/lib/coriolis/web-1")
    {
        AddAll(_instance, _to, _state);
    }

    public override Task<int> RunAsync(Invocation invocation, CancellationToken cancellationToken)
    {
        ReplicaFolders.Check(invocation.Get(_to), invocation.Get(_state));
        throw new NotSupportedException($"Not connected yet: {invocation.Get(_instance)}.");
    }
}
