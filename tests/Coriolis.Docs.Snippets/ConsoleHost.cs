using Coriolis.Destinations;
using Coriolis.Providers.Aws;
using Coriolis.Replication;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Coriolis.Docs.Snippets;

internal static class ConsoleHost
{
    public static async Task<int> RunAsync(string[] args)
    {
        // snippet: console-host
        var builder = Host.CreateApplicationBuilder(args);
        builder.Services.AddCoriolisAws(aws => aws.UseConnection(new AwsConnectionInfo { Region = "eu-west-1" }));
        builder.Services.AddCoriolisReplication(options => options.StateDirectory = "/var/lib/coriolis");
        builder.Services.AddRawDestination(options => options.Directory = "/replicas");
        using var host = builder.Build();
        await host.StartAsync();

        var pipeline = host.Services.GetRequiredService<ReplicaPipeline>();
        var report = await pipeline.RunAsync(new ReplicationRequest { Instance = "web-1" });

        foreach (var disk in report.Disks)
        {
            Console.WriteLine($"{disk.DiskId}: {disk.Status}, {disk.Mode}, {disk.TransferredBytes} bytes written");
        }

        return report.Status == ExecutionStatus.Succeeded ? 0 : 1;
        // end snippet
    }
}
