using System.CommandLine;
using System.CommandLine.Parsing;
using Coriolis.Providers.Aws;

namespace Coriolis.Cli;

internal sealed class SchemaCommand : CliCommand
{
    private const string ConnectionInfo = "connection-info";
    private const string SourceEnvironment = "source-environment";

    private readonly Argument<string> _subject = new("subject")
    {
        Description = $"What the schema is of: {ConnectionInfo} or {SourceEnvironment}.",
        HelpName = $"{ConnectionInfo}|{SourceEnvironment}",
    };

    public SchemaCommand()
        : base(
            "schema",
            "Prints the JSON schema of an endpoint's connection info or of a transfer's source environment.",
            hasJson: false,
            $"schema {ConnectionInfo}",
            $"schema {SourceEnvironment}")
    {
        _subject.CompletionSources.Add(ConnectionInfo, SourceEnvironment);
        _subject.Validators.Add(Require);
        AddAll(_subject);
    }

    public override Task<int> RunAsync(Invocation invocation, CancellationToken cancellationToken)
    {
        var schema = invocation.Get(_subject) == ConnectionInfo ? AwsConnectionInfo.JsonSchema : AwsSourceOptions.JsonSchema;
        invocation.Terminal.WriteResult(schema.TrimEnd());
        return Task.FromResult(ExitCode.Done);
    }

    private static void Require(ArgumentResult result)
    {
        var text = result.GetValueOrDefault<string>();
        if (text is not (ConnectionInfo or SourceEnvironment))
        {
            result.AddError($"schema is of {ConnectionInfo} or {SourceEnvironment}, not of '{text}'.");
        }
    }
}
