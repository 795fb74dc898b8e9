using Microsoft.Extensions.Logging;

namespace Coriolis.Cli;

/// <summary>Writes log messages as single lines to the error stream of the terminal, above any live progress.</summary>
internal sealed class TerminalLoggerProvider(Terminal terminal, bool withStacks) : ILoggerProvider
{
    public ILogger CreateLogger(string categoryName) => new Logger(terminal, withStacks);

    public void Dispose()
    {
    }

    private sealed class Logger(Terminal terminal, bool withStacks) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel != LogLevel.None;

        public void Log<TState>(
            LogLevel logLevel,
            EventId eventId,
            TState state,
            Exception? exception,
            Func<TState, Exception?, string> formatter)
        {
            var line = $"{Prefix(logLevel)}: {formatter(state, exception)}";
            if (exception is not null)
            {
                line += withStacks ? Environment.NewLine + exception : $" ({exception.Message})";
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
