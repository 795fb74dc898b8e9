using System.Diagnostics.Metrics;
using Coriolis.Providers;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Coriolis.Cli;

/// <summary>The services of one run of a command.</summary>
internal sealed class SessionServices : IAsyncDisposable
{
    private readonly ServiceProvider _services;

    private SessionServices(ServiceProvider services)
    {
        _services = services;
        Calls = new AwsCallCounter(services.GetRequiredService<IMeterFactory>());
    }

    /// <summary>What was asked of AWS so far.</summary>
    public AwsCallCounter Calls { get; }

    public IReplicaSourceProvider Source => _services.GetRequiredService<IReplicaSourceProvider>();

    public static SessionServices Create(Invocation invocation)
    {
        var services = new ServiceCollection();
        services.AddSingleton(invocation.TimeProvider);
        services.AddSingleton(invocation.Connection.ToAwsOptions());
        services.AddMetrics();
        services.AddLogging(logging => AddLogging(logging, invocation));
        return new SessionServices(services.BuildServiceProvider());
    }

    public async ValueTask DisposeAsync()
    {
        Calls.Dispose();
        await _services.DisposeAsync().ConfigureAwait(false);
    }

    private static void AddLogging(ILoggingBuilder logging, Invocation invocation)
    {
        logging.SetMinimumLevel(invocation.Verbosity switch
        {
            Verbosity.Quiet => LogLevel.None,
            Verbosity.Verbose => LogLevel.Debug,
            _ => LogLevel.Warning,
        });
        logging.AddProvider(new TerminalLoggerProvider(invocation.Terminal, invocation.Verbosity == Verbosity.Verbose));
    }
}
