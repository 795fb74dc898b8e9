using Coriolis.Providers;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Coriolis.Destinations;

/// <summary>Registers the raw destination.</summary>
public static class RawDestinationServiceCollectionExtensions
{
    /// <summary>Adds an <see cref="IDestinationWriter"/> that writes sparse files or block devices.</summary>
    /// <remarks>A destination that is registered already stays. Calling it again only adds configuration.</remarks>
    /// <param name="services">The services.</param>
    /// <param name="configure">Sets the options; <see langword="null"/> when the host configures them elsewhere.</param>
    /// <returns>The services.</returns>
    public static IServiceCollection AddRawDestination(
        this IServiceCollection services, Action<RawDestinationOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);

        var options = services.AddOptions<RawDestinationOptions>().ValidateOnStart();
        if (configure is not null)
        {
            options.Configure(configure);
        }

        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<RawDestinationOptions>, RawDestinationOptionsValidator>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<RawDestinationOptions>, RawDestinationOptionsCustomValidator>());
        services.TryAddSingleton<IDestinationWriter, RawDestinationWriter>();
        return services;
    }
}
