using Coriolis.Providers;

namespace Coriolis.Cli;

/// <summary>Reports an error that ended a command: one line for people, one object for programs.</summary>
internal static class ErrorWriter
{
    public static void Write(Terminal terminal, Exception exception, bool json, Verbosity verbosity)
    {
        var failure = Failure.From(exception);
        if (json)
        {
            terminal.WriteJson(new FailureDocument(failure), CliJsonContext.Readable.FailureDocument);
        }

        var problems = Failure.ProblemsOf(exception);
        foreach (var line in problems.Count > 0 ? problems : [Describe(failure)])
        {
            terminal.WriteNote($"error: {line}");
        }

        if (problems.Count > 0)
        {
            terminal.WriteNote(failure.Remedy!);
        }

        if (exception is SourceException { LeftBehind.Count: > 0 } source)
        {
            LeftoverWriter.Write(terminal.WriteNote, source.LeftBehind);
        }

        if (verbosity == Verbosity.Verbose && exception is not UsageException)
        {
            terminal.WriteNote(exception.ToString());
        }
    }

    public static string Describe(Failure failure)
    {
        var text = failure.Remedy is null ? failure.Message : $"{failure.Message} {failure.Remedy}";
        return failure.RequestId is null ? text : $"{text} (request id {failure.RequestId})";
    }
}
