using Coriolis.Providers;
using Coriolis.Replication;
using Microsoft.Extensions.DependencyInjection;

namespace Coriolis.Docs.Snippets;

internal static class Engine
{
    public static async Task ReplicateAsync(IReplicaSourceProvider source, IDestinationWriter destination, CancellationToken cancellationToken)
    {
        // snippet: replicate
        var services = new ServiceCollection();
        services.AddSingleton(source);
        services.AddSingleton(destination);
        services.AddCoriolisReplication(options => options.StateDirectory = "/var/lib/coriolis");
        await using var provider = services.BuildServiceProvider();

        var request = new ReplicationRequest { Instance = "web-1", Verify = true };
        var report = await provider.GetRequiredService<ReplicaPipeline>().RunAsync(request, progress: null, cancellationToken);
        Console.WriteLine($"{report.InstanceId}: {report.Status} in {report.Duration}");
        // end snippet
    }
}
