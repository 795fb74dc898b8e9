using System.Runtime.CompilerServices;
using Amazon.EC2;
using Amazon.EC2.Model;

namespace Coriolis.Providers.Aws;

/// <summary>Lists instances page by page.</summary>
internal sealed class InstanceLister(IAmazonEC2 ec2, AwsGateway gateway, InstanceTypeCatalog instanceTypes)
{
    private const int PageSize = 100;

    public static Filter NotTerminated => Ec2Names.Filter("instance-state-name", "pending", "running", "stopping", "stopped");

    public async IAsyncEnumerable<InstanceSummary> ListAsync(InstanceFilter filter, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var request = new DescribeInstancesRequest { Filters = [NotTerminated], MaxResults = PageSize };
        if (filter.NamePattern is { } pattern)
        {
            request.Filters.Add(Ec2Names.Filter("tag:Name", pattern));
        }

        foreach (var (key, value) in filter.Tags)
        {
            request.Filters.Add(Ec2Names.Filter($"tag:{key}", Ec2Names.Literal(value)));
        }

        do
        {
            var response = await gateway.InvokeAsync(
                new AwsCall("ec2", "DescribeInstances"),
                token => ec2.DescribeInstancesAsync(request, token),
                cancellationToken).ConfigureAwait(false);
            foreach (var instance in (response.Reservations ?? []).SelectMany(reservation => reservation.Instances ?? []))
            {
                var type = await instanceTypes.GetAsync(instance.InstanceType.Value, cancellationToken).ConfigureAwait(false);
                yield return InstanceMapper.MapSummary(instance, type);
            }

            request.NextToken = response.NextToken;
        }
        while (!string.IsNullOrEmpty(request.NextToken));
    }
}
