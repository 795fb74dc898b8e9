using Amazon.EC2.Model;

namespace Coriolis.Providers.Aws.Workers;

/// <summary>Something in the account that belongs to a worker.</summary>
internal sealed record WorkerResource(string Type, string Id, IReadOnlyList<Tag> Tags, DateTime? CreatedAt)
{
    /// <summary>The instance type, for instances.</summary>
    public string? InstanceType { get; init; }

    /// <summary>The size, for volumes.</summary>
    public int? SizeGiB { get; init; }
}
