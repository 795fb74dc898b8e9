using System.Diagnostics.Metrics;
using Coriolis.Providers.Aws.Ebs;
using Coriolis.Providers.Aws.Morphing;
using Coriolis.Providers.Aws.Morphing.Amazon;
using Coriolis.Providers.Aws.Morphing.Boot;
using Coriolis.Providers.Aws.Throttling;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Coriolis.Providers.Aws;

/// <summary>Registers the AWS source provider.</summary>
public static class CoriolisAwsServiceCollectionExtensions
{
    /// <summary>Registers <see cref="IReplicaSourceProvider"/>, <see cref="AwsDoctor"/> and <see cref="AwsSourceCatalog"/> for AWS.</summary>
    /// <remarks>
    /// Singletons, added only where nothing is registered yet. Options are validated when the host starts, all failures at
    /// once. Calls go to the connection given to the builder, else through a registered <c>IAmazonEC2</c>, else with a registered
    /// <c>AWSOptions</c>, else with the AWS SDK's usual chain.
    /// </remarks>
    /// <param name="services">The services to add to.</param>
    /// <returns>The same services.</returns>
    public static IServiceCollection AddCoriolisAws(this IServiceCollection services) => AddCore(services, null, static _ => { });

    /// <inheritdoc cref="AddCoriolisAws(IServiceCollection)"/>
    /// <param name="services">The services to add to.</param>
    /// <param name="configure">Configures connection and options.</param>
    public static IServiceCollection AddCoriolisAws(this IServiceCollection services, Action<CoriolisAwsBuilder> configure) =>
        AddCore(services, null, configure);

    /// <summary>Registers the provider under a service key, for one of several accounts or regions.</summary>
    /// <remarks>As the overload without a name; everything that is looked up is looked up under the key first.</remarks>
    /// <param name="services">The services to add to.</param>
    /// <param name="name">The service key, and the name of the options.</param>
    /// <param name="configure">Configures connection and options.</param>
    /// <returns>The same services.</returns>
    public static IServiceCollection AddCoriolisAws(this IServiceCollection services, string name, Action<CoriolisAwsBuilder> configure)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        return AddCore(services, name, configure);
    }

    private static IServiceCollection AddCore(IServiceCollection services, string? name, Action<CoriolisAwsBuilder> configure)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(configure);
        var builder = new CoriolisAwsBuilder(services, name);
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<AwsSourceOptions>, AwsSourceOptionsValidator>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<AwsSourceOptions>, AwsSourceOptionsRulesValidator>());
        services.AddOptionsWithValidateOnStart<AwsSourceOptions>(builder.OptionsName);
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<ILoggerFactory, NullLoggerFactory>();
        services.TryAddSingleton<IMeterFactory, PlainMeterFactory>();
        services.TryAddSingleton<AwsMetrics>();
        services.TryAddSingleton<SnapshotSlots>();
        services.TryAddSingleton<EbsInstruments>();
        services.TryAddSingleton<EbsThrottleRegistry>();
        services.TryAddSingleton<Ec2ThrottleRegistry>();
        services.TryAddKeyedSingleton(name, (provider, _) => AwsServices.Create(provider, name));
        services.TryAddKeyedSingleton<IReplicaSourceProvider>(name, (provider, _) => provider.GetRequiredKeyedService<AwsServices>(name).Provider);
        services.TryAddKeyedSingleton(name, (provider, _) => provider.GetRequiredKeyedService<AwsServices>(name).Doctor);
        services.TryAddKeyedSingleton(name, (provider, _) => provider.GetRequiredKeyedService<AwsServices>(name).Catalog);
        services.AddOptions<AwsMorphOptions>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IOsMorpher, CloudInitRemovalMorpher>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IOsMorpher, AwsLeftoversMorpher>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IOsMorpher, BootMorpher>());
        configure(builder);
        return services;
    }
}
