using Coriolis.Providers;
using Coriolis.Providers.Aws;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Coriolis.Docs.Snippets;

internal static class AwsSource
{
    public static async Task ListAsync()
    {
        // snippet: list-instances
        var services = new ServiceCollection();
        services.AddCoriolisAws(aws => aws.UseConnection(new AwsConnectionInfo { Region = "eu-west-1" }));
        await using var provider = services.BuildServiceProvider();

        var source = provider.GetRequiredService<IReplicaSourceProvider>();
        await foreach (var instance in source.ListInstancesAsync(new InstanceFilter { NamePattern = "web-*" }))
        {
            Console.WriteLine($"{instance.Id} {instance.Name} {instance.FlavorName}");
        }

        // end snippet
    }

    public static void RegisterByName(IServiceCollection services, IConfiguration configuration, string connectionInfoJson)
    {
        // snippet: named-registration
        services.AddCoriolisAws("paris", aws => aws
            .UseConnection(AwsConnectionInfo.Parse(connectionInfoJson))
            .UseConfiguration(configuration.GetSection(CoriolisAwsBuilder.ConfigurationSectionName)));

        // Resolve it with GetRequiredKeyedService<IReplicaSourceProvider>("paris").
        // end snippet
    }
}
