using Coriolis.Destinations;
using Microsoft.Extensions.DependencyInjection;

namespace Coriolis.Docs.Snippets;

internal static class RawFiles
{
    public static void Register(IServiceCollection services)
    {
        // snippet: raw-destination
        services.AddRawDestination(options =>
        {
            options.Directory = "/replicas";

            // A disk may also go to a block device of its own.
            options.BlockDevices["vol-0123456789abcdef0"] = "/dev/mapper/replica-data";
        });
        // end snippet
    }
}
