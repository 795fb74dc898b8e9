using System.Collections.Concurrent;
using Amazon.Runtime;
using Coriolis.Providers.Aws.Throttling;
using Microsoft.Extensions.Logging;
using Polly;
using Polly.Retry;

namespace Coriolis.Providers.Aws;

/// <summary>
/// The single place through which the AWS SDK is called: counts, keeps the rate, limits each attempt in time, retries by a time
/// budget and translates errors.
/// </summary>
internal sealed class AwsGateway
{
    /// <summary>R-18: for so long after its creation, servers of EC2 may not have heard of something yet.</summary>
    public static readonly TimeSpan NotYet = TimeSpan.FromMinutes(2);

    private static readonly ResiliencePropertyKey<AwsCall> s_call = new("coriolis.aws.call");
    private static readonly ResiliencePropertyKey<long> s_started = new("coriolis.aws.started");

    private readonly ConcurrentDictionary<string, FirstContact> _contacts = new(StringComparer.Ordinal);
    private readonly AwsMetrics _metrics;
    private readonly ResiliencePipeline _retry;
    private readonly ResiliencePipeline _attempt;
    private readonly Ec2Throttle _throttle;
    private readonly TimeProvider _timeProvider;
    private readonly TimeSpan _attemptTimeout;

    /// <summary>Creates a gateway.</summary>
    /// <param name="region">The region that the calls go to.</param>
    /// <param name="attemptTimeout">How long one attempt may take.</param>
    /// <param name="retryBudget">How long a call is tried again; zero leaves retries to the client that makes the call.</param>
    /// <param name="throttle">Keeps the rate of calls of EC2.</param>
    /// <param name="metrics">Counts the attempts.</param>
    /// <param name="timeProvider">Measures and waits.</param>
    /// <param name="random">Spreads the retries.</param>
    /// <param name="logger">Receives retries.</param>
    public AwsGateway(
        string region, TimeSpan attemptTimeout, TimeSpan retryBudget, Ec2Throttle throttle, AwsMetrics metrics, TimeProvider timeProvider, Random random, ILogger logger)
    {
        Region = region;
        _throttle = throttle;
        _metrics = metrics;
        _timeProvider = timeProvider;
        _attemptTimeout = attemptTimeout;
        var builder = new ResiliencePipelineBuilder { TimeProvider = timeProvider };
        if (retryBudget > TimeSpan.Zero)
        {
            builder.AddRetry(new RetryStrategyOptions
            {
                // The time budget ends the retries, never a count.
                MaxRetryAttempts = int.MaxValue,
                BackoffType = DelayBackoffType.Exponential,
                UseJitter = true,
                Delay = TimeSpan.FromMilliseconds(250),
                MaxDelay = TimeSpan.FromSeconds(15),
                Randomizer = random.NextDouble,
                ShouldHandle = args => ValueTask.FromResult(MayRetry(args.Context, args.Outcome.Exception, retryBudget)),
                OnRetry = args =>
                {
                    var call = args.Context.Properties.GetValue(s_call, default);
                    var subject = call.ResourceId is null ? call.Permission : $"{call.Permission} on {call.ResourceId}";
                    logger.CallRetried(subject, args.AttemptNumber + 1, args.RetryDelay.TotalSeconds, QuotedSecrets.RemoveFrom(args.Outcome.Exception!.Message));
                    return ValueTask.CompletedTask;
                },
            });
        }

        _retry = builder.Build();
        _attempt = new ResiliencePipelineBuilder { TimeProvider = timeProvider }.AddTimeout(attemptTimeout).Build();
    }

    /// <summary>The region that the calls go to.</summary>
    public string Region { get; }

    /// <summary>Makes a call.</summary>
    /// <exception cref="CoriolisException">AWS refused, or cannot be reached.</exception>
    public async Task<T> InvokeAsync<T>(AwsCall call, Func<CancellationToken, Task<T>> send, CancellationToken cancellationToken)
    {
        var context = ResilienceContextPool.Shared.Get(continueOnCapturedContext: false, cancellationToken);
        context.Properties.Set(s_call, call);
        context.Properties.Set(s_started, _timeProvider.GetTimestamp());
        try
        {
            return await _retry.ExecuteAsync(
                static async (context, state) => await state.Gateway.AttemptAsync(state.Call, state.Send, context.CancellationToken).ConfigureAwait(false),
                context,
                (Gateway: this, Call: call, Send: send)).ConfigureAwait(false);
        }
        catch (Exception error) when (error is not OperationCanceledException and not CoriolisException)
        {
            var translated = AwsErrors.Translate(call, Region, error);
            if (ReferenceEquals(translated, error))
            {
                throw;
            }

            throw translated;
        }
        finally
        {
            ResilienceContextPool.Shared.Return(context);
        }
    }

    private async ValueTask<T> AttemptAsync<T>(AwsCall call, Func<CancellationToken, Task<T>> send, CancellationToken cancellationToken)
    {
        if (call.Service == "ec2")
        {
            // Before the attempt's own time begins.
            await _throttle.WaitAsync(call.Operation, cancellationToken).ConfigureAwait(false);
        }

        return await _attempt.ExecuteAsync(
            static async (state, token) => await state.Gateway.SendAsync(state.Call, state.Send, token).ConfigureAwait(false),
            (Gateway: this, Call: call, Send: send),
            cancellationToken).ConfigureAwait(false);
    }

    private async Task<T> SendAsync<T>(AwsCall call, Func<CancellationToken, Task<T>> send, CancellationToken cancellationToken)
    {
        string? errorType = null;
        using var own = call.Cancellable ? null : new CancellationTokenSource(_attemptTimeout, _timeProvider);
        try
        {
            var answer = await send(own?.Token ?? cancellationToken).ConfigureAwait(false);
            ContactOf(call).Made();
            return answer;
        }
        catch (OperationCanceledException error) when (!cancellationToken.IsCancellationRequested)
        {
            // The client's own timeout comes as a cancellation that nobody asked for.
            errorType = typeof(TimeoutException).FullName;
            throw new TimeoutException("The request timed out.", error);
        }
        catch (AmazonServiceException error) when (AwsErrors.IsAnswer(error))
        {
            ContactOf(call).Made();
            if (call.Service == "ec2" && AwsErrors.RetryOf(error) == AwsRetry.Throttled)
            {
                _throttle.OnThrottled(call.Operation);
            }

            errorType = string.IsNullOrEmpty(error.ErrorCode) ? error.StatusCode.ToString() : error.ErrorCode;
            throw;
        }
        catch (Exception error)
        {
            errorType = error.GetType().FullName;
            throw;
        }
        finally
        {
            _metrics.RequestSent(call.Service, call.Operation, errorType);
        }
    }

    private bool MayRetry(ResilienceContext context, Exception? error, TimeSpan budget)
    {
        if (error is null || context.CancellationToken.IsCancellationRequested)
        {
            return false;
        }

        var call = context.Properties.GetValue(s_call, default);
        var retry = AwsErrors.RetryOf(error);
        var elapsed = _timeProvider.GetElapsedTime(context.Properties.GetValue(s_started, 0));
        if (call.NamesNew && AwsErrors.IsNotFound(error))
        {
            return elapsed < NotYet;
        }

        var allowed = retry == AwsRetry.Throttled || (retry == AwsRetry.ServerFault && call.Repeatable);
        return allowed && elapsed < ContactOf(call).Limit(error, budget);
    }

    // Each service has an endpoint of its own.
    private FirstContact ContactOf(AwsCall call) => _contacts.GetOrAdd(call.Service, static _ => new FirstContact());
}
