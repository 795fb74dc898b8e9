using Coriolis.Morphing;
using Coriolis.Morphing.Runs;
using Coriolis.Providers.Aws;
using Microsoft.Extensions.DependencyInjection;

namespace Coriolis.Docs.Snippets;

internal static class Morphing
{
    public static async Task MorphAsync(IServiceCollection services, CancellationToken cancellationToken)
    {
        // snippet: morphing
        services.AddCoriolisAws(); // registers the morphers of guests that come from AWS
        services.AddCoriolisMorphing();
        await using var provider = services.BuildServiceProvider();

        var morphing = provider.GetRequiredService<GuestMorphing>();
        var result = await morphing.MorphAsync(new() { Disks = ["/replicas/vol-0123456789abcdef0.raw"] }, cancellationToken);

        // What was changed can be taken back, byte for byte.
        await morphing.UndoAsync(result.ReportPath!, cancellationToken: cancellationToken);
        // end snippet
    }
}
