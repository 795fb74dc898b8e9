using System.CommandLine;

namespace Coriolis.Cli;

/// <summary>One command of the tool.</summary>
internal abstract class CliCommand : Command
{
    private readonly Option<bool>? _json;

    protected CliCommand(string name, string description, bool hasJson, params IReadOnlyList<string> examples)
        : base(name, description)
    {
        Examples = examples;
        if (hasJson)
        {
            _json = new Option<bool>("--json") { Description = "Print one JSON object; everything else goes to standard error." };
        }
    }

    /// <summary>Complete command lines for the help text.</summary>
    public IReadOnlyList<string> Examples { get; }

    public bool WantsJson(ParseResult parsed) => _json is not null && parsed.GetValue(_json);

    /// <returns>The exit code.</returns>
    public abstract Task<int> RunAsync(Invocation invocation, CancellationToken cancellationToken);

    /// <summary>Adds the options of the command, and <c>--json</c> as the last of them.</summary>
    protected void AddAll(params IEnumerable<Symbol> symbols)
    {
        foreach (var symbol in symbols)
        {
            switch (symbol)
            {
                case Argument argument:
                    Add(argument);
                    break;
                case Option option:
                    Add(option);
                    break;
                default:
                    throw new ArgumentException($"{symbol.Name} is neither an argument nor an option.", nameof(symbols));
            }
        }

        if (_json is not null)
        {
            Add(_json);
        }
    }
}
