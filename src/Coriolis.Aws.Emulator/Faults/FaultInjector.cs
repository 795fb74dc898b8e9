using System.Collections.Concurrent;
using System.Text;
using Coriolis.Aws.Emulator.Calls;
using Coriolis.Aws.Emulator.Http;
using Coriolis.Aws.Emulator.Workers;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Coriolis.Aws.Emulator.Faults;

/// <summary>
/// Stands between the verified call and its service and lets the planned faults happen. The kinds that change what a service does
/// (stuck snapshots, short pages, …) are asked for by the service itself.
/// </summary>
internal sealed class FaultInjector(FaultPlan plan, TimeProvider timeProvider)
{
    private readonly ConcurrentDictionary<string, DateTimeOffset> _hiddenUntil = new(StringComparer.Ordinal);

    /// <summary>Carries out the call, or not. The observation learns of the fault before it happens.</summary>
    public async Task HandleAsync(ServiceCall call, CallObservation observation, IAwsService service, CancellationToken cancellationToken)
    {
        var details = observation.Details;
        CheckHidden(call, details);
        var rule = plan.Take($"{call.Service}:{call.Operation}", details.ResourceIds, kind => AppliesHere(kind, call));
        if (rule is null)
        {
            await service.HandleAsync(call, cancellationToken).ConfigureAwait(false);
            return;
        }

        observation.Fault = rule.Kind;
        if (FaultErrors.Create(rule, call.Service, details.ResourceIds) is { } error)
        {
            throw error;
        }

        await DisturbAsync(rule, call, observation, service, cancellationToken).ConfigureAwait(false);
    }

    private static bool AppliesHere(FaultKind kind, ServiceCall call) => kind switch
    {
        FaultKind.ShortPage or FaultKind.EmptyPage or FaultKind.StuckSnapshot or FaultKind.FailedSnapshot or FaultKind.FailedVolume
            or FaultKind.StuckAttachment => false,
        _ when MachineFault.IsOfMachine(kind) => false,
        FaultKind.DisabledKey => call.Service == ServiceNames.Ebs,
        _ => true,
    };

    private async Task DisturbAsync(
        FaultRule rule, ServiceCall call, CallObservation observation, IAwsService service, CancellationToken cancellationToken)
    {
        switch (rule.Kind)
        {
            case FaultKind.DropConnection:
                observation.Abort();
                break;
            case FaultKind.Hang:
                await NeverAnswerAsync(call, observation, cancellationToken).ConfigureAwait(false);
                break;
            case FaultKind.LostAnswer:
                await CapturedResponse.CaptureAsync(call, service, CancellationToken.None).ConfigureAwait(false);
                await NeverAnswerAsync(call, observation, cancellationToken).ConfigureAwait(false);
                break;
            case FaultKind.Delay:
                await DelayAsync(call.Http, rule.Duration, cancellationToken).ConfigureAwait(false);
                await service.HandleAsync(call, cancellationToken).ConfigureAwait(false);
                break;
            case FaultKind.LateConsistency:
                var answer = await CapturedResponse.CaptureAsync(call, service, cancellationToken).ConfigureAwait(false);
                Hide(answer, call.Operation, timeProvider.GetUtcNow() + rule.Duration);
                await answer.SendAsync(cancellationToken).ConfigureAwait(false);
                break;
            default:
                var response = await CapturedResponse.CaptureAsync(call, service, cancellationToken).ConfigureAwait(false);
                await SendDamagedAsync(rule.Kind, response, cancellationToken).ConfigureAwait(false);
                break;
        }
    }

    private async Task NeverAnswerAsync(ServiceCall call, CallObservation observation, CancellationToken cancellationToken)
    {
        // Recorded first: a test that waits for the call to be stuck can then act.
        observation.RecordUnanswered();
        await DelayAsync(call.Http, Timeout.InfiniteTimeSpan, cancellationToken).ConfigureAwait(false);
        observation.Abort();
    }

    private async Task DelayAsync(HttpContext context, TimeSpan duration, CancellationToken cancellationToken)
    {
        // An emulator that stops must not wait for a client that hangs.
        var stopping = context.RequestServices.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping;
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, stopping);
        try
        {
            await Task.Delay(duration, timeProvider, either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
        }
    }

    private static async Task SendDamagedAsync(FaultKind kind, CapturedResponse response, CancellationToken cancellationToken)
    {
        switch (kind)
        {
            case FaultKind.TornBody:
                await response.SendHalfAsync(cancellationToken).ConfigureAwait(false);
                return;
            case FaultKind.CorruptBytes when response.Body.Length > 0:
                response.Body.Span[response.Body.Length / 2] ^= 0xFF;
                break;
            case FaultKind.WrongLength:
                response.Body = response.Body[..^Math.Min(512, response.Body.Length)];
                break;
            case FaultKind.WrongChecksum:
                response.Headers["x-amz-Checksum"] = Convert.ToBase64String(new byte[32]);
                break;
        }

        await response.SendAsync(cancellationToken).ConfigureAwait(false);
    }

    private void Hide(CapturedResponse answer, string operation, DateTimeOffset until)
    {
        // An answer also names what existed before (the volume of a snapshot, the subnet of an instance).
        string[] created = operation switch
        {
            "RunInstances" => ["i-", "vol-", "eni-"],
            "CreateVolume" or "CopyVolumes" => ["vol-"],
            "CreateSecurityGroup" => ["sg-"],
            "CreateKeyPair" or "ImportKeyPair" => ["key-"],
            "RegisterImage" => ["ami-"],
            _ => ["snap-"],
        };
        foreach (var id in CallDetails.FindIds(Encoding.UTF8.GetString(answer.Body.Span)))
        {
            if (created.Any(prefix => id.StartsWith(prefix, StringComparison.Ordinal)))
            {
                _hiddenUntil[id] = until;
            }
        }
    }

    private void CheckHidden(ServiceCall call, CallDetails details)
    {
        if (_hiddenUntil.IsEmpty)
        {
            return;
        }

        foreach (var id in details.ResourceIds)
        {
            if (_hiddenUntil.TryGetValue(id, out var until) && timeProvider.GetUtcNow() < until)
            {
                throw FaultErrors.NotFound(call.Service, id);
            }
        }
    }
}
