using Coriolis.Providers;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Coriolis.Replication;

/// <summary>Registers the replication engine.</summary>
public static class ReplicationServiceCollectionExtensions
{
    /// <summary>Adds <see cref="ReplicaPipeline"/>, <see cref="ReplicaVerifier"/>, <see cref="ReplicaSweeper"/> and <see cref="ReplicaStateStore"/>.</summary>
    /// <remarks>
    /// The host registers an <see cref="IReplicaSourceProvider"/> and an <see cref="IDestinationWriter"/>. For several
    /// sources register them with keys: a pipeline resolved with a key uses the source, and if there is one the
    /// destination, of the same key. All pipelines share one memory budget. Calling it again only adds configuration.
    /// </remarks>
    /// <param name="services">The services.</param>
    /// <param name="configure">Sets the options; <see langword="null"/> when the host configures them elsewhere.</param>
    /// <returns>The services.</returns>
    public static IServiceCollection AddCoriolisReplication(
        this IServiceCollection services, Action<ReplicationOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);

        var options = services.AddOptions<ReplicationOptions>().ValidateOnStart();
        if (configure is not null)
        {
            options.Configure(configure);
        }

        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<ReplicationOptions>, ReplicationOptionsValidator>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<ReplicationOptions>, ReplicationOptionsCustomValidator>());
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<ReplicationInstruments>();
        services.TryAddSingleton<ReplicationEngine>();
        services.TryAddSingleton(provider => new ReplicaStateStore(
            provider.GetRequiredService<IOptions<ReplicationOptions>>().Value.StateDirectory,
            provider.GetRequiredService<TimeProvider>()));
        services.TryAddSingleton(provider => CreatePipeline(provider, key: null));
        services.TryAddKeyedSingleton(KeyedService.AnyKey, CreatePipeline);
        services.TryAddSingleton(provider => new ReplicaMigration(provider.GetRequiredService<ReplicaPipeline>()));
        services.TryAddKeyedSingleton(
            KeyedService.AnyKey, (provider, key) => new ReplicaMigration(provider.GetRequiredKeyedService<ReplicaPipeline>(key)));
        services.TryAddSingleton(provider => CreateVerifier(provider, key: null));
        services.TryAddKeyedSingleton(KeyedService.AnyKey, CreateVerifier);
        services.TryAddSingleton(provider => CreateSweeper(provider, key: null));
        services.TryAddKeyedSingleton(KeyedService.AnyKey, CreateSweeper);
        return services;
    }

    private static ReplicaPipeline CreatePipeline(IServiceProvider provider, object? key) => new(
        FindSource(provider, key),
        FindDestination(provider, key),
        provider.GetRequiredService<ReplicaStateStore>(),
        provider.GetRequiredService<ReplicationEngine>());

    private static ReplicaVerifier CreateVerifier(IServiceProvider provider, object? key) => new(
        FindDestination(provider, key),
        provider.GetRequiredService<ReplicaStateStore>(),
        provider.GetRequiredService<ReplicationEngine>());

    private static ReplicaSweeper CreateSweeper(IServiceProvider provider, object? key) =>
        new(FindSource(provider, key), provider.GetRequiredService<ReplicaStateStore>());

    private static IReplicaSourceProvider FindSource(IServiceProvider provider, object? key) => key is null
        ? provider.GetRequiredService<IReplicaSourceProvider>()
        : provider.GetRequiredKeyedService<IReplicaSourceProvider>(key);

    private static IDestinationWriter FindDestination(IServiceProvider provider, object? key) =>
        (key is null ? null : provider.GetKeyedService<IDestinationWriter>(key))
            ?? provider.GetRequiredService<IDestinationWriter>();
}
