using System.Diagnostics.Metrics;
using Coriolis.Destinations;
using Coriolis.Providers;
using Coriolis.Providers.Aws;
using Coriolis.Replication;
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

    public AwsDoctor Doctor => _services.GetRequiredService<AwsDoctor>();

    public AwsSourceCatalog Catalog => _services.GetRequiredService<AwsSourceCatalog>();

    public ReplicaPipeline Pipeline => _services.GetRequiredService<ReplicaPipeline>();

    public ReplicaMigration Migration => _services.GetRequiredService<ReplicaMigration>();

    public ReplicaVerifier Verifier => _services.GetRequiredService<ReplicaVerifier>();

    /// <param name="invocation">Whose connection and terminal to use.</param>
    /// <param name="to">The folder of the replica, for commands that have one.</param>
    /// <param name="state">The folder of the state, for commands that have one.</param>
    /// <param name="environment">The source environment as JSON, where one was given.</param>
    /// <param name="configure">Sets more about how replicas are made.</param>
    /// <exception cref="UsageException">The connection contradicts itself.</exception>
    public static SessionServices Create(
        Invocation invocation,
        string? to = null,
        string? state = null,
        string? environment = null,
        Action<ReplicationOptions>? configure = null)
    {
        var services = new ServiceCollection();
        services.AddSingleton(invocation.TimeProvider);
        services.AddMetrics();
        services.AddLogging(logging => AddLogging(logging, invocation));
        services.AddCoriolisAws(aws =>
        {
            Connect(aws, invocation.Connection);
            if (environment is not null)
            {
                aws.UseSourceEnvironment(environment);
            }
        });
        if (to is not null)
        {
            services.AddRawDestination(options => options.Directory = to);
        }

        if (state is not null)
        {
            services.AddCoriolisReplication(options =>
            {
                options.StateDirectory = state;
                configure?.Invoke(options);
            });
        }

        return new SessionServices(services.BuildServiceProvider());
    }

    /// <summary>Sweeps what the state folder owns; without one, everything that carries our tags and is past its expiry.</summary>
    public Task<SweepReport> SweepAsync(bool dryRun, TimeSpan olderThan, CancellationToken cancellationToken) =>
        _services.GetService<ReplicaSweeper>() is { } sweeper
            ? sweeper.SweepAsync(olderThan, dryRun, cancellationToken)
            : Source.SweepAsync(new SweepRequest { DryRun = dryRun, OlderThan = olderThan }, cancellationToken);

    public async ValueTask DisposeAsync()
    {
        Calls.Dispose();
        await _services.DisposeAsync().ConfigureAwait(false);
    }

    private static void Connect(CoriolisAwsBuilder aws, AwsConnectionInfo connection)
    {
        try
        {
            aws.UseConnection(connection);
        }
        catch (ArgumentException exception)
        {
            throw UsageException.From(exception);
        }
    }

    private static void AddLogging(ILoggingBuilder logging, Invocation invocation)
    {
        logging.SetMinimumLevel(LogLevel.Debug);
        logging.AddProvider(new TerminalLoggerProvider(invocation.Terminal, invocation.Verbosity));
    }
}
