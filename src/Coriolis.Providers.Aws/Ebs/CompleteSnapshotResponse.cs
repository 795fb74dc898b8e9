namespace Coriolis.Providers.Aws.Ebs;

/// <summary>The state of a snapshot after its completion was requested.</summary>
internal sealed record CompleteSnapshotResponse
{
    /// <summary><c>completed</c>, <c>pending</c> or <c>error</c>.</summary>
    public string? Status { get; init; }
}
