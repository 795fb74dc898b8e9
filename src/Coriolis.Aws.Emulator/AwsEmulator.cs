using System.Security.Cryptography.X509Certificates;
using Coriolis.Aws.Emulator.Admin;
using Coriolis.Aws.Emulator.Ebs;
using Coriolis.Aws.Emulator.Ec2;
using Coriolis.Aws.Emulator.Ec2.Networking;
using Coriolis.Aws.Emulator.Ec2.Volumes;
using Coriolis.Aws.Emulator.Faults;
using Coriolis.Aws.Emulator.Http;
using Coriolis.Aws.Emulator.Kms;
using Coriolis.Aws.Emulator.Signing;
using Coriolis.Aws.Emulator.State;
using Coriolis.Aws.Emulator.Storage;
using Coriolis.Aws.Emulator.Sts;
using Coriolis.Aws.Emulator.Workers;

namespace Coriolis.Aws.Emulator;

/// <summary>EC2, EBS, KMS and STS on one loopback address, with real signatures and real bytes.</summary>
/// <remarks>
/// Point an AWS client's service URL at <see cref="Endpoint"/>; the request's signature says which service and region is meant.
/// Thread safety: all members may be used at the same time.
/// </remarks>
public sealed class AwsEmulator : IAsyncDisposable
{
    private readonly EmulatorServer _server;
    private readonly StateStore _store;
    private readonly RegionSet _regions;
    private readonly BlockStore _blocks;
    private readonly KeyRings _keys;
    private readonly WorkerHost _workers;

    private AwsEmulator(
        EmulatorServer server,
        StateStore store,
        RegionSet regions,
        BlockStore blocks,
        KeyRings keys,
        WorkerHost workers,
        EmulatorCredential credential,
        EmulatorAdmin admin,
        FaultPlan faults,
        CallLog calls)
    {
        _server = server;
        _store = store;
        _regions = regions;
        _blocks = blocks;
        _keys = keys;
        _workers = workers;
        Credential = credential;
        Admin = admin;
        Faults = faults;
        Calls = calls;
    }

    /// <summary>Gets the address of all services.</summary>
    public Uri Endpoint => _server.Endpoint;

    /// <summary>Gets the first of the accepted access keys.</summary>
    public EmulatorCredential Credential { get; }

    /// <summary>Gets <see cref="Credential"/>'s public half.</summary>
    public string AccessKeyId => Credential.AccessKeyId;

    /// <summary>Gets <see cref="Credential"/>'s secret half.</summary>
    public string SecretAccessKey => Credential.SecretAccessKey;

    /// <summary>Gets the certificate that a client must trust, or <see langword="null"/> without TLS.</summary>
    public X509Certificate2? Certificate => _server.Certificate;

    /// <summary>Gets what AWS has no call for: seeding, raw bytes, an inventory.</summary>
    public EmulatorAdmin Admin { get; }

    /// <summary>Gets the faults to inject: <see cref="AwsEmulatorOptions.Faults"/>, which may be changed at any time.</summary>
    public FaultPlan Faults { get; }

    /// <summary>Gets the calls received so far.</summary>
    public CallLog Calls { get; }

    /// <summary>Starts an emulator, continuing with the state in its data directory when there is one.</summary>
    /// <param name="options">The options; later changes to them have no effect.</param>
    /// <param name="cancellationToken">Cancels the start.</param>
    /// <returns>The running emulator; dispose it to stop.</returns>
    /// <exception cref="ArgumentException">An option is invalid, for example an address that is not loopback.</exception>
    /// <exception cref="InvalidDataException">The state in the data directory is corrupt.</exception>
    /// <exception cref="IOException">The address is in use or the directory cannot be written.</exception>
    public static async Task<AwsEmulator> StartAsync(AwsEmulatorOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        EmulatorOptionsCheck.Check(options);
        var store = new StateStore(options.DataDirectory);
        var keys = new KeyRings(store, options.AccountId, options.Seed, options.TimeProvider);
        var regions = new RegionSet(options.Regions.Distinct().Select(name => new Region(name, options.AccountId, options.Seed, store, keys)));
        var blocks = new BlockStore(options.DataDirectory);
        var recovery = new RegionRecovery(blocks);
        foreach (var region in regions.All)
        {
            if (!region.IsNew) await recovery.RecoverAsync(region, cancellationToken).ConfigureAwait(false);
            RegionFurnishing.Apply(region, options);
            await region.SaveAsync(cancellationToken).ConfigureAwait(false);
        }

        var access = new AccessAdmin(new CredentialRegistry(store, options.TimeProvider), options.AccountId);
        var accepted = access.Accept(options);

        var logger = options.LoggerFactory.CreateLogger(typeof(AwsEmulator).FullName!);
        var workers = new WorkerHost(options.RealWorkers, options.Delays, blocks, options.TimeProvider, logger);
        var settler = new RegionSettler(blocks, workers);
        var factory = new VolumeFactory(options, blocks);
        var services = new Dictionary<string, IAwsService>(StringComparer.Ordinal)
        {
            [ServiceNames.Ec2] = new Ec2Service(regions, new Ec2Operations(options, regions, blocks, factory, workers), settler, workers, options.TimeProvider),
            [ServiceNames.Ebs] = EbsService.Create(options, regions, blocks, keys),
            [ServiceNames.Kms] = new KmsService(keys, options.Faults, options.TimeProvider),
            [ServiceNames.Sts] = new StsService(access.Credentials, options.TimeProvider),
        };
        var calls = new CallLog(Path.Combine(options.DataDirectory, "calls.jsonl"));
        var verifier = new SignatureVerifier(access.Credentials, regions.Names, SkewTolerance(options), options.TimeProvider);
        var handler = new RequestHandler(
            verifier,
            services,
            new FaultInjector(options.Faults, options.TimeProvider),
            calls,
            options.TimeProvider,
            logger);
        var server = await EmulatorServer.StartAsync(options, handler, cancellationToken).ConfigureAwait(false);
        var admin = new EmulatorAdmin(regions, blocks, settler, new InstanceSeeder(factory, options.TimeProvider), access, options.TimeProvider);
        return new AwsEmulator(server, store, regions, blocks, keys, workers, accepted[0], admin, options.Faults, calls);
    }

    /// <summary>Finds out whether this host can run <see cref="AwsEmulatorOptions.RealWorkers"/>, by starting an empty machine.</summary>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>What is missing, as a sentence; <see langword="null"/> when nothing is.</returns>
    public static Task<string?> FindWorkerObstacleAsync(CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return WorkerHostRequirements.FindObstacleAsync();
    }

    /// <summary>Stops listening. The state stays in the data directory.</summary>
    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync().ConfigureAwait(false);
        Calls.Close();
        await _workers.DisposeAsync().ConfigureAwait(false);
        _blocks.Dispose();
        _keys.Dispose();
        _regions.Dispose();
        _store.Dispose();
    }

    private static TimeSpan? SkewTolerance(AwsEmulatorOptions options) => options.ClockSkewTolerance switch
    {
        null => options.TimeProvider == TimeProvider.System ? TimeSpan.FromMinutes(5) : null,
        var value when value == Timeout.InfiniteTimeSpan => null,
        var value => value,
    };
}
