using Amazon.EC2.Model;

namespace Coriolis.Providers.Aws.Workers;

/// <summary>Something in the account that belongs to a worker.</summary>
internal sealed record WorkerResource(string Type, string Id, IReadOnlyList<Tag> Tags, DateTime? CreatedAt)
{
    /// <summary>Whether it was created so recently that EC2 has not shown it yet.</summary>
    public bool IsUnseen { get; init; }

    /// <summary>The instance type, for instances.</summary>
    public string? InstanceType { get; init; }

    /// <summary>The size, for volumes.</summary>
    public int? SizeGiB { get; init; }
}
