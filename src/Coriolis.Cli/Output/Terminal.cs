using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Spectre.Console;

namespace Coriolis.Cli;

/// <summary>Where a command writes: results to one stream, everything else to the other.</summary>
/// <remarks>Thread safety: members may be called concurrently.</remarks>
internal sealed class Terminal
{
    private readonly TextWriter _output;
    private readonly TextWriter _error;

    public Terminal(TextWriter output, TextWriter error, IAnsiConsole? live = null)
    {
        _output = TextWriter.Synchronized(output);
        _error = TextWriter.Synchronized(error);
        Live = live;
    }

    /// <summary>The error stream when it is a terminal that can show live progress, otherwise <see langword="null"/>.</summary>
    public IAnsiConsole? Live { get; }

    public TextWriter Output => _output;

    public TextWriter Error => _error;

    public static Terminal ForProcess()
    {
        var canShowLive = !Console.IsErrorRedirected && Environment.GetEnvironmentVariable("TERM") is not "dumb";
        var live = canShowLive
            ? AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) })
            : null;
        return new Terminal(Console.Out, Console.Error, live);
    }

    public void WriteResult(string line) => _output.WriteLine(Printable(line));

    public void WriteJson<T>(T document, JsonTypeInfo<T> type) => WriteResult(JsonSerializer.Serialize(document, type));

    public void WriteNote(string line)
    {
        line = Printable(line);
        if (Live is null)
        {
            _error.WriteLine(line);
        }
        else
        {
            // Through the console that draws the progress bars, which moves them out of the way.
            Live.WriteLine(line);
        }
    }

    // A tag of somebody else's must not move the cursor or set the window's title.
    private static string Printable(string line) => line.Any(IsUnprintable)
        ? string.Concat(line.Select(character => IsUnprintable(character) ? '\ufffd' : character))
        : line;

    private static bool IsUnprintable(char character) => char.IsControl(character) && character is not ('\n' or '\r' or '\t');
}
