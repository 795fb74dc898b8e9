using Amazon.Runtime;
using Coriolis.Providers.Aws.Throttling;
using Microsoft.Extensions.Logging;
using Polly;
using Polly.Retry;

namespace Coriolis.Providers.Aws.Ebs;

/// <summary>Decides which failed attempts are repeated, when, and for how long. The only place of the block API that retries.</summary>
internal sealed class EbsRetry(
    EbsClientOptions options,
    AWSCredentials credentials,
    EbsThrottle throttle,
    FirstContact contact,
    EbsInstruments instruments,
    TimeProvider timeProvider,
    ILogger logger)
{
    private static readonly ResiliencePropertyKey<EbsCall> s_callKey = new("coriolis.ebs.call");

    /// <summary>Builds the pipeline that attempts run in; their context must have been prepared with <see cref="Attach"/>.</summary>
    public ResiliencePipeline Build() => new ResiliencePipelineBuilder { TimeProvider = timeProvider }
        .AddRetry(new RetryStrategyOptions
        {
            MaxRetryAttempts = int.MaxValue,
            BackoffType = DelayBackoffType.Exponential,
            UseJitter = true,
            Delay = options.RetryDelay,
            MaxDelay = options.MaxRetryDelay,
            ShouldHandle = arguments => ValueTask.FromResult(ShouldRetry(Call(arguments.Context), arguments.Outcome.Exception)),
            OnRetry = arguments =>
            {
                OnRetry(Call(arguments.Context), arguments.Outcome.Exception!, arguments.RetryDelay);
                return ValueTask.CompletedTask;
            },
        })
        .Build();

    /// <summary>Lets the pipeline know the call.</summary>
    public static void Attach(ResilienceContext context, EbsCall call) => context.Properties.Set(s_callKey, call);

    private static EbsCall Call(ResilienceContext context) =>
        context.Properties.TryGetValue(s_callKey, out var call) ? call : throw new InvalidOperationException("The context has no call.");

    private bool ShouldRetry(EbsCall call, Exception? exception)
    {
        if (exception is IntegrityException)
        {
            return ++call.IntegrityFailures < options.IntegrityAttempts;
        }

        if (exception is not EbsException failure)
        {
            return false;
        }

        var retry = AwsErrorTable.Find(failure.Failure).Retry;
        if (retry == AwsRetry.Throttled)
        {
            throttle.OnThrottled(call.Operation, call.SnapshotId, failure.Reason);
            logger.EbsRateLowered(call.Operation.ToString(), call.Subject, failure.Reason ?? failure.Code);
        }

        if (retry == AwsRetry.Renewed)
        {
            return RenewCredentials(call);
        }

        if (call.MayNotBeVisibleYet(failure))
        {
            return timeProvider.GetUtcNow() < call.FreshUntil;
        }

        // The budget starts with the first failure: the time spent waiting for a permit before it is nobody's fault.
        call.FirstFailure ??= timeProvider.GetTimestamp();
        return retry is AwsRetry.Throttled or AwsRetry.ServerFault
            && timeProvider.GetElapsedTime(call.FirstFailure.Value) < contact.Limit(failure, options.RetryBudget);
    }

    private bool RenewCredentials(EbsCall call)
    {
        if (call.RenewedCredentials || credentials is not RefreshingAWSCredentials refreshing)
        {
            return false;
        }

        call.RenewedCredentials = true;
        refreshing.ClearCredentials();
        logger.EbsCredentialsRenewed(call.Operation.ToString(), call.Subject);
        return true;
    }

    private void OnRetry(EbsCall call, Exception exception, TimeSpan delay)
    {
        var failure = exception as EbsException;
        var errorType = failure?.Code ?? exception.GetType().Name;
        var text = failure?.ServiceMessage is { } message ? $"{errorType}: {message}" : QuotedSecrets.RemoveFrom(exception.Message);
        instruments.Retried(call.Operation, errorType);
        logger.EbsCallRetried(
            call.Operation.ToString(),
            call.Subject,
            call.Attempt,
            call.Elapsed.TotalSeconds,
            delay.TotalSeconds,
            failure?.RequestId is { } id ? $"{text} (request id {id})" : text);
    }
}
