using System.Runtime.CompilerServices;
using Amazon.Runtime;
using Coriolis.Providers.Aws.Throttling;
using Microsoft.Extensions.Logging;
using Polly;

namespace Coriolis.Providers.Aws.Ebs;

/// <summary>A client of the EBS direct APIs, shaped like the AWS SDK's own so that it could be replaced by that.</summary>
/// <remarks>
/// Safe for concurrent use. Calls are limited by the shared <see cref="EbsThrottle"/> and retried within a time budget; blocks are verified
/// before they are returned. Failures are <see cref="EbsException"/> (translated by <see cref="AwsErrors"/>) and
/// <see cref="IntegrityException"/>.
/// </remarks>
internal sealed class EbsClient : IDisposable
{
    private readonly HttpClient _http;
    private readonly EbsTransport _transport;
    private readonly ResiliencePipeline _pipeline;
    private readonly EbsInstruments _instruments;
    private readonly TimeProvider _timeProvider;

    public EbsClient(
        AWSCredentials credentials,
        EbsClientConfig config,
        EbsClientOptions options,
        EbsThrottle throttle,
        EbsInstruments instruments,
        TimeProvider timeProvider,
        ILogger<EbsClient> logger)
        : this(credentials, config, options, throttle, instruments, timeProvider, logger, EbsHttp.CreateClient(config, options))
    {
    }

    internal EbsClient(
        AWSCredentials credentials,
        EbsClientConfig config,
        EbsClientOptions options,
        EbsThrottle throttle,
        EbsInstruments instruments,
        TimeProvider timeProvider,
        ILogger<EbsClient> logger,
        HttpClient http)
    {
        Options = options;
        Region = config.SigningRegion;
        _http = http;
        _timeProvider = timeProvider;
        var contact = new FirstContact();
        _transport = new EbsTransport(http, credentials, config, options, throttle, contact, instruments, timeProvider);
        _pipeline = new EbsRetry(options, credentials, throttle, contact, instruments, timeProvider, logger).Build();
        _instruments = instruments;
    }

    /// <summary>The options that the client was made with.</summary>
    public EbsClientOptions Options { get; }

    /// <summary>The region that is called.</summary>
    public string Region { get; }

    /// <summary>Lists the written blocks of a snapshot. The caller disposes the page.</summary>
    public Task<BlockPage> ListSnapshotBlocksAsync(ListSnapshotBlocksRequest request, CancellationToken cancellationToken) =>
        ExecuteAsync(new ListBlocksCall(request), cancellationToken).AsTask();

    /// <summary>Lists the blocks that were written between two snapshots of a volume. The caller disposes the page.</summary>
    public Task<BlockPage> ListChangedBlocksAsync(ListChangedBlocksRequest request, CancellationToken cancellationToken) =>
        ExecuteAsync(new ListBlocksCall(request), cancellationToken).AsTask();

    /// <summary>Reads a block and verifies it.</summary>
    /// <param name="snapshotId">The snapshot.</param>
    /// <param name="blockIndex">The block.</param>
    /// <param name="blockToken">Its token from a list.</param>
    /// <param name="destination">Receives the bytes; one block long. Undefined after a failure.</param>
    /// <param name="freshUntil">Until when the snapshot may be reported as missing although it exists.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>The verified digest; <see cref="ChunkDigest.Zero"/> when all bytes are zero.</returns>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<ChunkDigest> GetSnapshotBlockAsync(
        string snapshotId, int blockIndex, string blockToken, Memory<byte> destination, DateTimeOffset freshUntil, CancellationToken cancellationToken)
    {
        var call = new GetSnapshotBlockCall(snapshotId, blockIndex, blockToken, destination) { FreshUntil = freshUntil };
        var digest = await ExecuteAsync(call, cancellationToken).ConfigureAwait(false);
        _instruments.Transferred(EbsOperation.GetSnapshotBlock, destination.Length);
        return digest;
    }

    /// <summary>Starts a snapshot; its request's client token makes repeating it safe.</summary>
    public Task<StartSnapshotResponse> StartSnapshotAsync(StartSnapshotRequest request, CancellationToken cancellationToken) =>
        ExecuteAsync(new StartSnapshotCall(request), cancellationToken).AsTask();

    /// <summary>Writes a block of a started snapshot.</summary>
    /// <returns>The digest of the block's bytes, also when they are all zero.</returns>
    public async Task<ChunkDigest> PutSnapshotBlockAsync(
        string snapshotId, int blockIndex, ReadOnlyMemory<byte> data, DateTimeOffset freshUntil, CancellationToken cancellationToken)
    {
        var call = new PutSnapshotBlockCall(snapshotId, blockIndex, data) { FreshUntil = freshUntil };
        var digest = await ExecuteAsync(call, cancellationToken).ConfigureAwait(false);
        _instruments.Transferred(EbsOperation.PutSnapshotBlock, data.Length);
        return digest;
    }

    /// <summary>Seals a started snapshot.</summary>
    /// <param name="snapshotId">The snapshot.</param>
    /// <param name="changedBlocksCount">How many blocks were written.</param>
    /// <param name="checksum">SHA-256 over the blocks' digests in ascending order, or empty.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    public Task<CompleteSnapshotResponse> CompleteSnapshotAsync(
        string snapshotId, int changedBlocksCount, ReadOnlyMemory<byte> checksum, CancellationToken cancellationToken) =>
        ExecuteAsync(new CompleteSnapshotCall(snapshotId, changedBlocksCount, checksum), cancellationToken).AsTask();

    public void Dispose() => _http.Dispose();

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<TResult> ExecuteAsync<TResult>(EbsCall<TResult> call, CancellationToken cancellationToken)
    {
        call.Begin(_timeProvider);
        try
        {
            return await _transport.SendAsync(call, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is EbsException or IntegrityException)
        {
            call.UnhandledFailure = exception;
        }

        return await RetryAsync(call, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Goes on after a failed first attempt.</summary>
    /// <remarks>The pipeline costs several objects per call, so that it is only entered with a failure, which it sees as its first attempt.</remarks>
    private async ValueTask<TResult> RetryAsync<TResult>(EbsCall<TResult> call, CancellationToken cancellationToken)
    {
        var context = ResilienceContextPool.Shared.Get(cancellationToken);
        try
        {
            EbsRetry.Attach(context, call);
            return await _pipeline.ExecuteAsync(
                static (context, state) => state.call.TakeFailure() is { } failure
                    ? ValueTask.FromException<TResult>(failure)
                    : state._transport.SendAsync(state.call, context.CancellationToken),
                context,
                (_transport, call)).ConfigureAwait(false);
        }
        finally
        {
            ResilienceContextPool.Shared.Return(context);
        }
    }
}
