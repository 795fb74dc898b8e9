using System.ComponentModel.DataAnnotations;

namespace Coriolis.Providers.Aws;

/// <summary>How the AWS source provider works.</summary>
/// <remarks>
/// Configuration sections, the <c>[aws_migration_provider]</c> section of a Coriolis configuration file and the source
/// environment JSON all set the same properties, by their names in snake case, for example <c>worker_instance_type</c>.
/// Thread safety: none; not to be changed once the provider has been created.
/// </remarks>
public sealed class AwsSourceOptions
{
    /// <summary>The JSON schema of the source environment, as a Coriolis transfer is checked with.</summary>
    public static string JsonSchema => EmbeddedSchema.Read("source-environment.schema.json");

    internal const string DefaultWorkerInstanceType = "t2.medium";

    /// <summary>The instance type of temporary workers. Others of the same architecture follow when there is no capacity.</summary>
    /// <value>The default is <c>t2.medium</c>.</value>
    [Required]
    [RegularExpression("^[a-z0-9-]+\\.[a-z0-9-]+$", ErrorMessage = "worker_instance_type must be an instance type such as t2.medium.")]
    public string WorkerInstanceType { get; set; } = DefaultWorkerInstanceType;

    /// <summary>
    /// The images of temporary workers, by guest OS: <c>linux</c>, <c>windows</c>. Disks are always read through a Linux worker; the image for
    /// Windows, which must not be older than the guest, is for those that morph it.
    /// </summary>
    /// <value>The default is empty.</value>
    public IDictionary<string, string> MigrImageMap { get; } = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);

    /// <summary>The image of the temporary worker that disks are read through, instead of <see cref="MigrImageMap"/>'s for Linux.</summary>
    /// <value>The default is <see langword="null"/>.</value>
    public string? ExportImage { get; set; }

    /// <summary>The subnet of temporary workers.</summary>
    /// <value>The default is <see langword="null"/>: the instance's own, then others of its VPC.</value>
    public string? WorkerSubnetId { get; set; }

    /// <summary>Who may connect to temporary workers, in CIDR notation.</summary>
    /// <value>The default is <see langword="null"/>: the one address from which this machine reaches AWS.</value>
    public string? WorkerAllowedCidr { get; set; }

    /// <summary>Whether workers get no public address and are reached at their private one.</summary>
    /// <value>The default is <see langword="false"/>.</value>
    public bool WorkerPrivateAddress { get; set; }

    /// <summary>
    /// Whether workers compress what they send. It pays where the network to the worker is what a run waits for; on a fast one the CPU time that it
    /// takes on both sides is lost. Data that does not shrink is sent as it is.
    /// </summary>
    /// <value>The default is <see langword="false"/>.</value>
    public bool WorkerCompression { get; set; }

    /// <summary>
    /// The agent that runs on workers: the program <c>coriolis-worker</c>, or a folder that has it as <c>linux-x64/coriolis-worker</c> and
    /// <c>linux-arm64/coriolis-worker</c>, of which the one for the worker's architecture is taken.
    /// </summary>
    /// <value>The default is <see langword="null"/>: the folder <c>agent</c> beside the application, into which this package puts them.</value>
    public string? WorkerAgent { get; set; }

    /// <summary>How long a worker may take from its launch to the first login.</summary>
    /// <value>The default is 5 minutes.</value>
    public TimeSpan WorkerBootTimeout { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>How long a volume may take to be attached to a worker before another worker is launched.</summary>
    /// <value>The default is 90 seconds.</value>
    public TimeSpan WorkerAttachTimeout { get; set; } = TimeSpan.FromSeconds(90);

    /// <summary>How long a worker may read nothing of a disk before another worker takes its place. A volume from a snapshot is slow at first, not silent.</summary>
    /// <value>The default is 5 minutes.</value>
    public TimeSpan WorkerStallTimeout { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>How long a worker whose controller is gone lives on before it terminates itself.</summary>
    /// <value>The default is 1 hour.</value>
    public TimeSpan WorkerLease { get; set; } = TimeSpan.FromHours(1);

    /// <summary>Whether every capture shuts the instance down first, also when the request does not ask for it.</summary>
    /// <value>The default is <see langword="false"/>.</value>
    public bool ShutdownMigratedInstance { get; set; }

    /// <summary>Tags that every created resource carries in addition to the library's own.</summary>
    /// <value>The default is empty.</value>
    public IDictionary<string, string> ExtraTags { get; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>How long after its creation a sweep may delete a snapshot whose execution never said that it ended.</summary>
    /// <value>The default is 7 days.</value>
    public TimeSpan SnapshotExpiry { get; set; } = TimeSpan.FromDays(7);

    /// <summary>How many snapshots may be pending at once in one account and region; AWS allows 100 to all users of it.</summary>
    /// <value>The default is 80.</value>
    [Range(1, 10_000)]
    public int MaxPendingSnapshots { get; set; } = 80;

    /// <summary>
    /// How many blocks of 512 KiB are read per second at most in one account and region; AWS allows 1,000 unless its quota
    /// L-C125AE42 was raised. The rate is lowered by itself while AWS throttles.
    /// </summary>
    /// <value>The default is 800.</value>
    [Range(1, 100_000)]
    public int MaxBlockReadsPerSecond { get; set; } = 800;

    /// <summary>The longest interval between two looks at a resource that is being waited for.</summary>
    /// <value>The default is 15 seconds.</value>
    public TimeSpan PollInterval { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>How long a pending snapshot may show no progress before the capture fails. There is no other limit.</summary>
    /// <value>The default is 6 hours; <see cref="TimeSpan.Zero"/> waits for ever.</value>
    public TimeSpan SnapshotStallTimeout { get; set; } = TimeSpan.FromHours(6);

    /// <summary>How long an instance may take to shut down. Starting it again is part of cleaning up.</summary>
    /// <value>The default is 15 minutes.</value>
    public TimeSpan StopTimeout { get; set; } = TimeSpan.FromMinutes(15);

    /// <summary>
    /// How long cleaning up after a capture may take for each resource, also for starting an instance again. Up to eight of a kind are cleaned up side
    /// by side, and the kinds of a worker's resources one after the other, so that a release in which everything is stuck takes a multiple of it.
    /// </summary>
    /// <value>The default is 10 minutes.</value>
    public TimeSpan ReleaseTimeout { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>How long one AWS call may take before it is given up and tried again.</summary>
    /// <value>The default is 60 seconds.</value>
    public TimeSpan AttemptTimeout { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>How long a failed AWS call is tried again, in all.</summary>
    /// <value>The default is 3 minutes.</value>
    public TimeSpan RetryBudget { get; set; } = TimeSpan.FromMinutes(3);

    /// <summary>What could not be read from a configuration source; reported together with everything else that is invalid.</summary>
    internal List<string> BindingErrors { get; } = [];
}
