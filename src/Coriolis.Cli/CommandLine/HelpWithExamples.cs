using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace Coriolis.Cli;

/// <summary>The usual help text, followed by the examples of the command.</summary>
internal sealed class HelpWithExamples(HelpAction usual) : SynchronousCommandLineAction
{
    public override bool ClearsParseErrors => true;

    public override int Invoke(ParseResult parseResult)
    {
        usual.Invoke(parseResult);
        if (parseResult.CommandResult.Command is CliCommand command)
        {
            var output = parseResult.InvocationConfiguration.Output;
            output.WriteLine("Examples:");
            foreach (var example in command.Examples)
            {
                output.WriteLine($"  coriolis-aws {example}");
            }

            output.WriteLine();
        }

        return ExitCode.Done;
    }
}
