using System.Collections.Concurrent;
using Coriolis.Providers.Aws.Blocks;
using Coriolis.Providers.Aws.Ebs;
using Coriolis.Providers.Aws.Throttling;
using Microsoft.Extensions.Logging;

namespace Coriolis.Providers.Aws;

/// <summary>The block API of one registration: one client, whose rate is shared by everything that reads in the account and region.</summary>
internal sealed class BlockApi(
    AwsEndpoint endpoint,
    AwsSourceOptions options,
    EbsThrottleRegistry throttles,
    EbsInstruments instruments,
    TimeProvider timeProvider,
    ILoggerFactory loggers) : IDisposable
{
    // The account is only known once an instance has been read or the caller identified.
    private readonly ConcurrentDictionary<string, Lazy<EbsClient>> _clients = new(StringComparer.Ordinal);

    /// <summary>Where the block API is called.</summary>
    /// <exception cref="Amazon.Runtime.AmazonClientException">The settings of the host contradict each other.</exception>
    public string Url => endpoint.Configure(new EbsClientConfig()).DetermineEndpoint().URL;

    public EbsClient GetClient(string accountId) =>
        _clients.GetOrAdd(accountId, id => new Lazy<EbsClient>(() => CreateClient(id))).Value;

    public DirectBlockSource Open(SourceDisk disk, string snapshotId, CaptureRequest request, string accountId)
    {
        return new DirectBlockSource(
            GetClient(accountId),
            disk,
            snapshotId,
            new DirectBlockSourceOptions { ChunkSize = request.ChunkSize },
            timeProvider,
            loggers.CreateLogger<DirectBlockSource>(),
            request.Progress,
            ThrottleOf(accountId).Assign(snapshotId, request.ExecutionId));
    }

    public void Dispose()
    {
        foreach (var client in _clients.Values.Where(client => client.IsValueCreated))
        {
            client.Value.Dispose();
        }
    }

    private EbsRates Rates => new() { GetSnapshotBlock = options.MaxBlockReadsPerSecond };

    private EbsThrottle ThrottleOf(string accountId) => throttles.Get(accountId, endpoint.Region, Rates);

    private EbsClient CreateClient(string accountId)
    {
        var clientOptions = new EbsClientOptions
        {
            RetryBudget = options.RetryBudget,
            AttemptTimeout = options.AttemptTimeout,
            Rates = Rates,
        };
        return new EbsClient(
            endpoint.Credentials,
            endpoint.Configure(new EbsClientConfig()),
            clientOptions,
            ThrottleOf(accountId),
            instruments,
            timeProvider,
            loggers.CreateLogger<EbsClient>());
    }
}
