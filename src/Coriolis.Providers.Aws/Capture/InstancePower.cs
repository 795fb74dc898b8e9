using Amazon.EC2;
using Amazon.EC2.Model;
using Microsoft.Extensions.Logging;

namespace Coriolis.Providers.Aws;

/// <summary>Shuts an instance down, and starts again what it has shut down.</summary>
internal sealed class InstancePower(
    IAmazonEC2 ec2, AwsGateway gateway, AwsSourceOptions options, TimeProvider timeProvider, Random random, ILogger logger)
{
    /// <summary>Shuts an instance down and waits until it is stopped.</summary>
    /// <param name="instanceId">The instance.</param>
    /// <param name="stopping">Called just before EC2 is asked to stop a running instance: from then on there is something to undo.</param>
    /// <param name="progress">Receives the stage.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    public async Task StopAsync(string instanceId, Func<Task> stopping, IProgress<CaptureProgress>? progress, CancellationToken cancellationToken)
    {
        progress?.Report(new CaptureProgress("shutting down"));
        var state = await StateAsync(instanceId, cancellationToken).ConfigureAwait(false);
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

    /// <summary>Starts an instance that was shut down; one that is still on its way down is waited for.</summary>
    public async Task StartAsync(string instanceId, CancellationToken cancellationToken)
    {
        // Starting an instance that runs, because the request to stop it was refused, changes nothing.
        if (await StateAsync(instanceId, cancellationToken).ConfigureAwait(false) == PowerState.Stopping)
        {
            await WaitAsync(instanceId, PowerState.Stopped, cancellationToken).ConfigureAwait(false);
        }

        var request = new StartInstancesRequest { InstanceIds = [instanceId] };
        await gateway.InvokeAsync(
            new AwsCall("ec2", "StartInstances", instanceId),
            token => ec2.StartInstancesAsync(request, token),
            cancellationToken).ConfigureAwait(false);
        logger.InstanceStarted(instanceId);
    }

    private async Task WaitAsync(string instanceId, PowerState wanted, CancellationToken cancellationToken)
    {
        var started = timeProvider.GetTimestamp();
        var backoff = new Backoff(TimeSpan.FromSeconds(2), options.PollInterval, timeProvider, random);
        while (true)
        {
            var state = await StateAsync(instanceId, cancellationToken).ConfigureAwait(false);
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

    private async Task<PowerState> StateAsync(string instanceId, CancellationToken cancellationToken)
    {
        var request = new DescribeInstancesRequest { InstanceIds = [instanceId] };
        var response = await gateway.InvokeAsync(
            new AwsCall("ec2", "DescribeInstances", instanceId),
            token => ec2.DescribeInstancesAsync(request, token),
            cancellationToken).ConfigureAwait(false);
        var instance = response.Reservations?.FirstOrDefault()?.Instances?.FirstOrDefault();
        return instance is null ? PowerState.Terminated : InstanceMapper.PowerStateOf(instance);
    }
}
