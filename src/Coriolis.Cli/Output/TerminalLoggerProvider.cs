using Microsoft.Extensions.Logging;

namespace Coriolis.Cli;

/// <summary>Writes log messages as single lines to the error stream of the terminal, above any live progress.</summary>
internal sealed class TerminalLoggerProvider(Terminal terminal, Verbosity verbosity) : ILoggerProvider
{
    public ILogger CreateLogger(string categoryName) => new Logger(terminal, verbosity);

    public void Dispose()
    {
    }

    private sealed class Logger(Terminal terminal, Verbosity verbosity) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        // Errors end up in the report or the error line of the command, so only the verbose log repeats them.
        public bool IsEnabled(LogLevel logLevel) => verbosity switch
        {
            Verbosity.Quiet => false,
            Verbosity.Verbose => logLevel is >= LogLevel.Debug and < LogLevel.None,
            _ => logLevel == LogLevel.Warning,
        };

        public void Log<TState>(
            LogLevel logLevel,
            EventId eventId,
            TState state,
            Exception? exception,
            Func<TState, Exception?, string> formatter)
        {
            if (!IsEnabled(logLevel))
            {
                return;
            }

            var line = $"{Prefix(logLevel)}: {formatter(state, exception)}";
            if (exception is not null)
            {
                line += verbosity == Verbosity.Verbose ? Environment.NewLine + exception : $" ({exception.Message})";
            }

            terminal.WriteNote(line);
        }

        private static string Prefix(LogLevel level) => level switch
        {
            LogLevel.Trace => "trace",
            LogLevel.Debug => "debug",
            LogLevel.Information => "info",
            LogLevel.Warning => "warning",
            _ => "error",
        };
    }
}
