namespace Coriolis.Providers;

/// <summary>Whose leftovers to look for, and what must be kept.</summary>
/// <remarks>Immutable; safe for concurrent use.</remarks>
public sealed record SweepRequest
{
    /// <summary>Only resources of this owner.</summary>
    /// <value>The default is <see langword="null"/>: every resource that carries this library's tags.</value>
    public string? OwnerId { get; init; }

    /// <summary>Ids that must be kept whatever their tags say: the source references that committed manifests name.</summary>
    /// <value>The default is empty.</value>
    public IReadOnlySet<string> KeepIds { get; init; } = new HashSet<string>();

    /// <summary>Executions that are known to be over; their resources need not wait for their expiry.</summary>
    /// <value>The default is empty.</value>
    public IReadOnlySet<string> EndedExecutionIds { get; init; } = new HashSet<string>();

    /// <summary>
    /// What the journals of ended executions name, by execution: a resource that carries the tags of an execution here and is
    /// not among its ids is none that it made. An ended execution that is not here may have made more than its journal says.
    /// </summary>
    /// <value>The default is empty: tags alone decide.</value>
    public IReadOnlyDictionary<string, IReadOnlySet<string>> JournaledIds { get; init; } = new Dictionary<string, IReadOnlySet<string>>();

    /// <summary>Executions that are running; what carries their tags is kept, also past its expiry.</summary>
    /// <value>The default is empty.</value>
    public IReadOnlySet<string> RunningExecutionIds { get; init; } = new HashSet<string>();

    /// <summary>How old a resource must be to be removed.</summary>
    /// <value>The default is zero.</value>
    public TimeSpan OlderThan { get; init; }

    /// <summary>Instances that ended executions had stopped and not started again; they are started, unless somebody has started or stopped them since.</summary>
    /// <value>The default is empty.</value>
    public IReadOnlyList<StoppedInstance> StoppedInstances { get; init; } = [];

    /// <summary>Whether to report only.</summary>
    /// <value>The default is <see langword="false"/>.</value>
    public bool DryRun { get; init; }
}
