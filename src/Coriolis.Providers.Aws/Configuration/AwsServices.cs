using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Coriolis.Providers.Aws;

/// <summary>The parts of one registration, put together in one place.</summary>
internal sealed class AwsServices : IDisposable
{
    private readonly AwsClients _clients;

    private AwsServices(AwsClients clients, AwsSourceProvider provider, AwsDoctor doctor)
    {
        _clients = clients;
        Provider = provider;
        Doctor = doctor;
    }

    public AwsSourceProvider Provider { get; }

    public AwsDoctor Doctor { get; }

    public static AwsServices Create(IServiceProvider services, string? name)
    {
        var options = services.GetRequiredService<IOptionsMonitor<AwsSourceOptions>>().Get(name ?? Options.DefaultName);
        var time = services.GetRequiredService<TimeProvider>();
        var metrics = services.GetRequiredService<AwsMetrics>();
        var logger = services.GetRequiredService<ILoggerFactory>().CreateLogger("Coriolis.Providers.Aws");
        var random = Random.Shared;
        var clients = AwsClientFactory.Create(services, name);
        var ec2 = clients.Ec2;

        var gateway = new AwsGateway(clients.Endpoint.Region, options, clients.RetryOurselves, metrics, time, random, logger);
        var types = new InstanceTypeCatalog(ec2, gateway);
        var lister = new InstanceLister(ec2, gateway, types);
        var keys = new KeyInspector(clients.Kms, gateway, logger);
        var power = new InstancePower(ec2, gateway, options, time, random, logger);
        var catalog = new SnapshotCatalog(ec2, gateway, options, time, random, logger);
        var captures = new CaptureService(
            keys,
            power,
            services.GetRequiredService<SnapshotSlots>(),
            new SnapshotManager(ec2, gateway, catalog, options, time, random, logger),
            new SnapshotWaiter(ec2, gateway, options, metrics, time, random, logger),
            catalog,
            new CaptureCleanup(catalog, power, options, time, logger),
            (_, _, _, _) => throw new NotSupportedException("The block API client is not part of this build."),
            options);
        var provider = new AwsSourceProvider(
            new InstanceReader(ec2, gateway, types, new VolumeReader(ec2, gateway), logger), lister, captures, new Sweeper(catalog, options, time), clients.Sts, gateway);
        return new AwsServices(clients, provider, new AwsDoctor(clients, gateway, catalog, keys));
    }

    public void Dispose()
    {
        if (_clients.RetryOurselves)
        {
            _clients.Ec2.Dispose();
            _clients.Kms.Dispose();
            _clients.Sts.Dispose();
        }
    }
}
