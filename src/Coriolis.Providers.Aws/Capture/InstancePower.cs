using System.Globalization;
using System.Text.RegularExpressions;
using Amazon.EC2;
using Amazon.EC2.Model;
using Microsoft.Extensions.Logging;

namespace Coriolis.Providers.Aws;

/// <summary>Shuts an instance down, and starts again what it has shut down.</summary>
internal sealed partial class InstancePower(
    IAmazonEC2 ec2, AwsGateway gateway, AwsSourceOptions options, TimeProvider timeProvider, Random random, ILogger logger)
{
    private const string IncorrectState = "IncorrectInstanceState";
    private const string UserStop = "Client.UserInitiatedShutdown";
    private const string GuestStop = "Client.InstanceInitiatedShutdown";

    // Between the clocks of AWS and of this machine.
    private static readonly TimeSpan s_skew = TimeSpan.FromMinutes(5);

    /// <summary>Shuts an instance down and waits until it is stopped.</summary>
    /// <param name="instanceId">The instance.</param>
    /// <param name="stopping">Called just before EC2 is asked to stop a running instance: from then on there is something to undo.</param>
    /// <param name="progress">Receives the stage.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    public async Task StopAsync(string instanceId, Func<Task> stopping, IProgress<CaptureProgress>? progress, CancellationToken cancellationToken)
    {
        progress?.Report(new CaptureProgress("shutting down"));
        var state = StateOf(await DescribeAsync(instanceId, cancellationToken).ConfigureAwait(false));
        if (state is PowerState.Running or PowerState.Starting)
        {
            logger.InstanceStopping(instanceId);
            cancellationToken.ThrowIfCancellationRequested();
            await stopping().ConfigureAwait(false);
            var request = new StopInstancesRequest { InstanceIds = [instanceId] };

            // Like every request that changes something, it is not cancelled once it is under way.
            await gateway.InvokeAsync(
                new AwsCall("ec2", "StopInstances", instanceId) { Cancellable = false },
                token => ec2.StopInstancesAsync(request, token),
                cancellationToken).ConfigureAwait(false);
        }

        await WaitAsync(instanceId, PowerState.Stopped, cancellationToken).ConfigureAwait(false);
        logger.InstanceStopped(instanceId);
    }

    /// <summary>
    /// Starts an instance that was shut down, and waits until it runs; one that is still on its way down is waited for. One that runs,
    /// because the request to stop it was refused, stays as it is.
    /// </summary>
    /// <exception cref="SourceException">It does not start, or not in time.</exception>
    public async Task StartAsync(string instanceId, CancellationToken cancellationToken)
    {
        var before = await DescribeAsync(instanceId, cancellationToken).ConfigureAwait(false);
        if (StateOf(before) == PowerState.Stopping)
        {
            await WaitAsync(instanceId, PowerState.Stopped, cancellationToken).ConfigureAwait(false);
        }

        var backoff = new Backoff(TimeSpan.FromSeconds(2), options.PollInterval, timeProvider, random);
        var started = timeProvider.GetTimestamp();
        while (!await TryStartAsync(instanceId, timeProvider.GetElapsedTime(started) < options.StopTimeout, cancellationToken).ConfigureAwait(false))
        {
            await backoff.WaitAsync(cancellationToken).ConfigureAwait(false);
        }

        await WaitUntilRunningAsync(instanceId, before?.StateReason?.Code, cancellationToken).ConfigureAwait(false);
        logger.InstanceStarted(instanceId);
    }

    /// <summary>Starts an instance that a crashed execution stopped, unless somebody has decided otherwise since.</summary>
    /// <returns>Null when it was started, or would be; otherwise why it was not.</returns>
    public async Task<string?> RestartAsync(StoppedInstance stopped, bool dryRun, CancellationToken cancellationToken)
    {
        var instance = await FindAsync(stopped.InstanceId, cancellationToken).ConfigureAwait(false);
        switch (StateOf(instance))
        {
            case PowerState.Running or PowerState.Starting:
                return "it runs";
            case PowerState.Terminated:
                return "it does not exist any more";
        }

        // The request may have been tried again for as long as any call is.
        var latest = stopped.StoppedAt + options.RetryBudget + options.AttemptTimeout + s_skew;
        if (StopTimeOf(instance!) is { } at && (at < stopped.StoppedAt - s_skew || at > latest))
        {
            return $"it was stopped again at {at:u}, by somebody else";
        }

        if (!dryRun)
        {
            await StartAsync(stopped.InstanceId, cancellationToken).ConfigureAwait(false);
        }

        return null;
    }

    // For example "User initiated (2026-01-31 12:34:56 GMT)".
    private static DateTimeOffset? StopTimeOf(Instance instance) =>
        TransitionTime().Match(instance.StateTransitionReason ?? "") is { Success: true } match
        && DateTimeOffset.TryParse(match.Groups[1].Value, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at)
            ? at
            : null;

    private static PowerState StateOf(Instance? instance) => instance is null ? PowerState.Terminated : InstanceMapper.PowerStateOf(instance);

    private async Task<Instance?> FindAsync(string instanceId, CancellationToken cancellationToken)
    {
        try
        {
            return await DescribeAsync(instanceId, cancellationToken).ConfigureAwait(false);
        }
        catch (CoriolisException error) when (AwsErrors.IsNotFound(error))
        {
            return null;
        }
    }

    /// <returns>False when the instance is not in a state from which it can be started, although it was said to be.</returns>
    private async Task<bool> TryStartAsync(string instanceId, bool mayWait, CancellationToken cancellationToken)
    {
        try
        {
            await gateway.InvokeAsync(
                new AwsCall("ec2", "StartInstances", instanceId),
                token => ec2.StartInstancesAsync(new StartInstancesRequest { InstanceIds = [instanceId] }, token),
                cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (CoriolisException error) when (mayWait && error.ErrorCode == IncorrectState)
        {
            return false;
        }
    }

    /// <summary>EC2 promises a start and takes it back when it cannot attach a volume: the instance is stopped again, with the reason.</summary>
    /// <param name="instanceId">The instance.</param>
    /// <param name="oldReason">Why it was not running before; for a while, EC2 may still describe it so.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    private async Task WaitUntilRunningAsync(string instanceId, string? oldReason, CancellationToken cancellationToken)
    {
        var started = timeProvider.GetTimestamp();
        var backoff = new Backoff(TimeSpan.FromSeconds(1), options.PollInterval, timeProvider, random);
        while (true)
        {
            var instance = await DescribeAsync(instanceId, cancellationToken).ConfigureAwait(false);
            var elapsed = timeProvider.GetElapsedTime(started);
            switch (StateOf(instance))
            {
                case PowerState.Running:
                    return;
                case PowerState.Terminated:
                case PowerState.Stopped when elapsed > AwsGateway.NotYet || IsNew(instance?.StateReason?.Code):
                    throw NotStarted(instance, instanceId);
            }

            if (elapsed > options.StopTimeout)
            {
                throw NotStarted(instance, instanceId);
            }

            await backoff.WaitAsync(cancellationToken).ConfigureAwait(false);
        }

        bool IsNew(string? reason) => reason is not (null or "" or UserStop or GuestStop) && reason != oldReason;
    }

    private static SourceException NotStarted(Instance? instance, string instanceId) =>
        new($"Instance {instanceId} did not start, it is {StateOf(instance)}: {instance?.StateReason?.Message ?? "EC2 gives no reason"}.")
        {
            ResourceId = instanceId,
            ErrorCode = instance?.StateReason?.Code,
            Remedy = "Start it in the console. If its volumes are encrypted, allow kms:CreateGrant on their keys and enable them first.",
            IsTransient = true,
        };

    private async Task WaitAsync(string instanceId, PowerState wanted, CancellationToken cancellationToken)
    {
        var started = timeProvider.GetTimestamp();
        var backoff = new Backoff(TimeSpan.FromSeconds(2), options.PollInterval, timeProvider, random);
        while (true)
        {
            var state = StateOf(await DescribeAsync(instanceId, cancellationToken).ConfigureAwait(false));
            if (state == wanted)
            {
                return;
            }

            if (state == PowerState.Terminated)
            {
                throw new UnsupportedInstanceException($"Instance {instanceId} was terminated while it was being shut down.") { ResourceId = instanceId };
            }

            if (timeProvider.GetElapsedTime(started) > options.StopTimeout)
            {
                throw new SourceException($"Instance {instanceId} is still {state} after {options.StopTimeout}.")
                {
                    ResourceId = instanceId,
                    Remedy = "Shut the guest down from the inside, or raise stop_timeout.",
                };
            }

            await backoff.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<Instance?> DescribeAsync(string instanceId, CancellationToken cancellationToken)
    {
        var request = new DescribeInstancesRequest { InstanceIds = [instanceId] };
        var response = await gateway.InvokeAsync(
            new AwsCall("ec2", "DescribeInstances", instanceId),
            token => ec2.DescribeInstancesAsync(request, token),
            cancellationToken).ConfigureAwait(false);
        return response.Reservations?.FirstOrDefault()?.Instances?.FirstOrDefault();
    }

    [GeneratedRegex(@"\((\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}) GMT\)")]
    private static partial Regex TransitionTime();
}
