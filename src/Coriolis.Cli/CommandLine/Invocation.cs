using System.CommandLine;
using Coriolis.Providers.Aws;

namespace Coriolis.Cli;

/// <summary>One run of a command: what was asked for, and where to write.</summary>
internal sealed record Invocation
{
    public Invocation(ParseResult parsed, bool json, Terminal terminal, TimeProvider timeProvider)
    {
        Parsed = parsed;
        Json = json;
        Terminal = terminal;
        TimeProvider = timeProvider;
        Verbosity = parsed.GetValue(GlobalOptions.Verbose) ? Verbosity.Verbose
            : parsed.GetValue(GlobalOptions.Quiet) ? Verbosity.Quiet
            : Verbosity.Normal;
        Connection = new AwsConnectionInfo
        {
            Region = parsed.GetValue(GlobalOptions.Region),
            Profile = parsed.GetValue(GlobalOptions.Profile),
            EndpointUrl = parsed.GetValue(GlobalOptions.EndpointUrl) is { } endpoint ? new Uri(endpoint) : null,
        };
    }

    public ParseResult Parsed { get; }

    /// <summary>Whether the result is to be one JSON object.</summary>
    public bool Json { get; }

    public Terminal Terminal { get; }

    public TimeProvider TimeProvider { get; }

    public Verbosity Verbosity { get; }

    /// <summary>What the global options say; the rest comes from the AWS SDK's usual chain.</summary>
    public AwsConnectionInfo Connection { get; init; }

    public T Get<T>(Option<T> option) => Parsed.GetRequiredValue(option);

    public T? GetOptional<T>(Option<T?> option) => Parsed.GetValue(option);

    public T Get<T>(Argument<T> argument) => Parsed.GetRequiredValue(argument);

    /// <summary>A line for people about what is going on; not part of the result.</summary>
    public void Note(string line)
    {
        if (Verbosity != Verbosity.Quiet)
        {
            Terminal.WriteNote(line);
        }
    }
}
