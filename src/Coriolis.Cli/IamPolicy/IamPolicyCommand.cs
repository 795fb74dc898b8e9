using System.CommandLine;
using Coriolis.Providers.Aws;

namespace Coriolis.Cli;

internal sealed class IamPolicyCommand : CliCommand
{
    private readonly Option<string> _readPath = ReadPathOption.Create("auto");
    private readonly Option<bool> _kms = new("--kms") { Description = "Volumes are encrypted." };
    private readonly Option<bool> _shutDown = new("--shutdown") { Description = "The instance is shut down: by migrate, or replicate --shutdown." };

    public IamPolicyCommand()
        : base(
            "iam-policy",
            "Prints the least IAM policy that replication needs. Calls nothing.",
            hasJson: false,
            "iam-policy --read-path direct --kms")
    {
        AddAll(_readPath, _kms, _shutDown);
    }

    public override Task<int> RunAsync(Invocation invocation, CancellationToken cancellationToken)
    {
        var policy = new AwsIamPolicy
        {
            ReadPath = ReadPathOption.Parse(invocation.Get(_readPath)),
            Encrypted = invocation.Get(_kms),
            ShutDown = invocation.Get(_shutDown),
        };
        invocation.Terminal.WriteResult(policy.ToJson());
        return Task.FromResult(ExitCode.Done);
    }
}
