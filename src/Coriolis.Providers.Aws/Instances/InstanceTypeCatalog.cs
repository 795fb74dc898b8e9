using System.Collections.Concurrent;
using Amazon.EC2;
using Amazon.EC2.Model;

namespace Coriolis.Providers.Aws;

/// <summary>The instance types of the region, each read once: they do not change.</summary>
internal sealed class InstanceTypeCatalog(IAmazonEC2 ec2, AwsGateway gateway)
{
    private readonly ConcurrentDictionary<string, InstanceTypeInfo> _types = new(StringComparer.Ordinal);

    private const string UnknownType = "InvalidInstanceType";

    /// <summary>As <see cref="GetAsync"/>; null for a type that the region does not have.</summary>
    public async Task<InstanceTypeInfo?> FindAsync(string name, CancellationToken cancellationToken)
    {
        try
        {
            return await GetAsync(name, cancellationToken).ConfigureAwait(false);
        }
        catch (CoriolisException error) when (error.ErrorCode == UnknownType)
        {
            return null;
        }
    }

    public async Task<InstanceTypeInfo> GetAsync(string name, CancellationToken cancellationToken)
    {
        if (_types.TryGetValue(name, out var known))
        {
            return known;
        }

        var request = new DescribeInstanceTypesRequest { InstanceTypes = [name] };
        var response = await gateway.InvokeAsync(
            new AwsCall("ec2", "DescribeInstanceTypes", name),
            token => ec2.DescribeInstanceTypesAsync(request, token),
            cancellationToken).ConfigureAwait(false);
        var type = response.InstanceTypes?.FirstOrDefault()
            ?? throw new SourceException($"The region {gateway.Region} does not describe the instance type {name}.")
            {
                ResourceId = name,
                ErrorCode = UnknownType,
            };
        return _types.GetOrAdd(name, type);
    }
}
