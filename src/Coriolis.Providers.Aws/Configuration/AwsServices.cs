using Coriolis.Providers.Aws.Ebs;
using Coriolis.Providers.Aws.Throttling;
using Coriolis.Providers.Aws.Workers;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Coriolis.Providers.Aws;

/// <summary>The parts of one registration, put together in one place.</summary>
internal sealed class AwsServices : IDisposable
{
    // Long enough for a distant region, short enough for somebody who waits for a diagnosis.
    private static readonly TimeSpan s_diagnosisTimeout = TimeSpan.FromSeconds(15);

    private readonly AwsClients _clients;

    private readonly BlockApi _blocks;

    private readonly BlockApi _diagnosedBlocks;

    private AwsServices(AwsClients clients, BlockApi blocks, BlockApi diagnosedBlocks, AwsSourceProvider provider, AwsDoctor doctor, AwsSourceCatalog catalog)
    {
        _clients = clients;
        _blocks = blocks;
        _diagnosedBlocks = diagnosedBlocks;
        Provider = provider;
        Doctor = doctor;
        Catalog = catalog;
    }

    public AwsSourceProvider Provider { get; }

    public AwsDoctor Doctor { get; }

    public AwsSourceCatalog Catalog { get; }

    public static AwsServices Create(IServiceProvider services, string? name)
    {
        var options = services.GetRequiredService<IOptionsMonitor<AwsSourceOptions>>().Get(name ?? Options.DefaultName);
        var time = services.GetRequiredService<TimeProvider>();
        var metrics = services.GetRequiredService<AwsMetrics>();
        var loggers = services.GetRequiredService<ILoggerFactory>();
        var logger = loggers.CreateLogger("Coriolis.Providers.Aws");
        var random = Random.Shared;
        var clients = AwsClientFactory.Create(services, name);
        var ec2 = clients.Ec2;

        var region = clients.Endpoint.Region;
        var retryBudget = clients.RetryOurselves ? options.RetryBudget : TimeSpan.Zero;
        var ec2Throttle = services.GetRequiredService<Ec2ThrottleRegistry>().Get(clients.Endpoint);
        var gateway = new AwsGateway(region, options.AttemptTimeout, retryBudget, ec2Throttle, metrics, time, random, logger);
        var throttles = services.GetRequiredService<EbsThrottleRegistry>();
        var instruments = services.GetRequiredService<EbsInstruments>();
        var blocks = new BlockApi(clients.Endpoint, options, throttles, instruments, time, loggers);
        var types = new InstanceTypeCatalog(ec2, gateway);
        var lister = new InstanceLister(ec2, gateway, types);
        var keys = new KeyInspector(clients.Kms, gateway, logger);
        var power = new InstancePower(ec2, gateway, options, time, random, logger);
        var catalog = new SnapshotCatalog(ec2, gateway, options, time, random, logger);
        var images = new WorkerImages(ec2, gateway, options);
        var launcher = new WorkerLauncher(
            ec2, gateway, images, new WorkerPlacement(ec2, gateway, types, options), new CallerAddress(options), options, time, random, logger);
        var workers = new WorkerResources(ec2, gateway, options, time, random, logger);
        var volumes = new WorkerVolumes(ec2, gateway, power, launcher, options, time, random);
        var reader = new WorkerReader(new WorkerOpener(launcher, volumes, options, time), types, options, time);
        var undo = new BoundedUndo(options, time);
        var captures = new CaptureService(
            keys,
            power,
            services.GetRequiredService<SnapshotSlots>(),
            new SnapshotManager(ec2, gateway, catalog, options, time, random, logger),
            new SnapshotWaiter(ec2, gateway, options, metrics, time, random, logger),
            catalog,
            new CaptureCleanup(catalog, workers, power, undo, logger),
            blocks.Open,
            reader,
            new ReadPathChooser(new BlockApiProbe(blocks), reader, options, logger),
            options);
        var provider = new AwsSourceProvider(
            new InstanceReader(ec2, gateway, types, new VolumeReader(ec2, gateway), logger),
            lister,
            captures,
            new Sweeper(catalog, new WorkerSweep(workers, undo), power, undo, options, time),
            clients.Sts,
            gateway);

        // A diagnosis shows the first failure; it does not wait for a better time.
        var impatient = new AwsSourceOptions
        {
            AttemptTimeout = s_diagnosisTimeout,
            RetryBudget = TimeSpan.Zero,
            MaxBlockReadsPerSecond = options.MaxBlockReadsPerSecond,
        };
        var diagnosedBlocks = new BlockApi(clients.Endpoint, impatient, throttles, instruments, time, loggers);
        var diagnosed = new AwsGateway(region, impatient.AttemptTimeout, impatient.RetryBudget, ec2Throttle, metrics, time, random, logger);
        var doctor = new AwsDoctor(clients, diagnosed, new BlockApiProbe(diagnosedBlocks));
        return new AwsServices(clients, blocks, diagnosedBlocks, provider, doctor, new AwsSourceCatalog(ec2, gateway, options));
    }

    public void Dispose()
    {
        _blocks.Dispose();
        _diagnosedBlocks.Dispose();
        if (_clients.RetryOurselves)
        {
            _clients.Ec2.Dispose();
            _clients.Kms.Dispose();
            _clients.Sts.Dispose();
        }
    }
}
