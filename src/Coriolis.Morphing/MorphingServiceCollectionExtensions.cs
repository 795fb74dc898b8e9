using Coriolis.Morphing.Runs;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Coriolis.Morphing;

/// <summary>Registers the morphing of guests.</summary>
public static class MorphingServiceCollectionExtensions
{
    /// <summary>Registers <see cref="GuestMorphing"/>, which runs every registered <see cref="IOsMorpher"/>.</summary>
    /// <param name="services">The services to add to.</param>
    /// <returns>The same services.</returns>
    public static IServiceCollection AddCoriolisMorphing(this IServiceCollection services)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<GuestMorphing>();
        return services;
    }
}
