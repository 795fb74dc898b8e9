using Coriolis.Aws.Emulator.Ec2.Authorization;
using Coriolis.Aws.Emulator.Ec2.Protocol;
using Coriolis.Aws.Emulator.Http;
using Coriolis.Aws.Emulator.Iam;
using Coriolis.Aws.Emulator.State;
using Coriolis.Aws.Emulator.Workers;

namespace Coriolis.Aws.Emulator.Ec2;

/// <summary>The EC2 query API, version 2016-11-15.</summary>
internal sealed class Ec2Service(RegionSet regions, Ec2Operations operations, RegionSettler settler, WorkerHost workers, TimeProvider timeProvider) : IAwsService
{
    private readonly Ec2Access _access = new(regions);

    public async Task HandleAsync(ServiceCall call, CancellationToken cancellationToken)
    {
        if (call.Operation.Length == 0) throw Ec2Errors.Missing("Action");
        if (!operations.TryGet(call.Operation, out var operation))
        {
            throw Ec2Errors.Create("InvalidAction", $"The action {call.Operation} is not valid for this web service.");
        }

        foreach (var name in call.Parameters.TopLevelNames)
        {
            // Presigned requests carry their signature among the parameters.
            if (!operation.Parameters.Contains(name) && !name.StartsWith("X-Amz-", StringComparison.Ordinal))
            {
                throw Ec2Errors.Create("UnknownParameter", $"The parameter {name} is not recognized");
            }
        }

        var region = regions.Get(call.Region);
        using var response = new Ec2Xml(call.Operation, call.RequestId);
        await region.ExclusiveAsync(
            async () =>
            {
                var now = timeProvider.GetUtcNow();
                // Once begun a call is carried out whole, also for a client that has gone away.
                await settler.SettleAsync(region, now, CancellationToken.None).ConfigureAwait(false);
                var ec2Call = new Ec2Call
                {
                    Operation = call.Operation,
                    Region = region,
                    Caller = new Authorizer(call, now),
                    Parameters = call.Parameters,
                    Response = response,
                    Now = now,
                };
                _access.Demand(ec2Call, ec2Call.Caller);
                if (call.Parameters.Boolean("DryRun") is true)
                {
                    throw new AwsErrorException("DryRunOperation", 412, "Request would have succeeded, but DryRun flag is set.");
                }

                await operation.Execute(ec2Call, CancellationToken.None).ConfigureAwait(false);
                if (!operation.Changes) return true;
                await workers.ReconcileAsync(region, now).ConfigureAwait(false);
                await region.SaveAsync(CancellationToken.None).ConfigureAwait(false);
                return true;
            },
            cancellationToken).ConfigureAwait(false);

        var body = response.Finish();
        call.Http.Response.ContentType = "text/xml;charset=UTF-8";
        call.Http.Response.ContentLength = body.Length;
        await call.Http.Response.Body.WriteAsync(body, cancellationToken).ConfigureAwait(false);
    }
}
