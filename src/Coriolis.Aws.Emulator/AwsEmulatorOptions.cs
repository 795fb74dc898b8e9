using System.Net;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Coriolis.Aws.Emulator;

/// <summary>Configures an <see cref="AwsEmulator"/>.</summary>
public sealed class AwsEmulatorOptions
{
    /// <summary>Gets or sets the directory of the emulator's state and the bytes of its volumes. It is created when missing.</summary>
    public required string DataDirectory { get; set; }

    /// <summary>Gets or sets the loopback address and port to listen on; port 0 takes any free one.</summary>
    /// <value>The default is 127.0.0.1, port 0.</value>
    public IPEndPoint Listen { get; set; } = new(IPAddress.Loopback, 0);

    /// <summary>Gets or sets whether to serve HTTPS, with a self-signed certificate made for this run.</summary>
    /// <value>The default is <see langword="false"/>.</value>
    public bool UseTls { get; set; }

    /// <summary>Gets or sets the account that everything belongs to.</summary>
    /// <value>The default is 123456789012.</value>
    public string AccountId { get; set; } = "123456789012";

    /// <summary>Gets the access keys that are accepted. When empty, one is made up for the run: <see cref="AwsEmulator.Credential"/>.</summary>
    public IList<EmulatorCredential> Credentials { get; } = [];

    /// <summary>Gets the policies of roles: a role's name to IAM policy documents in JSON. A role without any may do everything.</summary>
    public IDictionary<string, IReadOnlyList<string>> RolePolicies { get; } = new Dictionary<string, IReadOnlyList<string>>();

    /// <summary>Gets the regions that exist, isolated from each other.</summary>
    public IList<string> Regions { get; } =
    [
        "us-east-1", "us-east-2", "us-west-1", "us-west-2", "ca-central-1", "sa-east-1", "eu-west-1", "eu-west-2", "eu-central-1",
        "eu-north-1", "ap-south-1", "ap-southeast-1", "ap-southeast-2", "ap-northeast-1",
    ];

    /// <summary>Gets additional machine images, the same in all regions: image id to the raw file that root volumes start with.</summary>
    public IDictionary<string, string> Images { get; } = new Dictionary<string, string>();

    /// <summary>Gets or sets how long resources take from one state to the next.</summary>
    /// <value>The default is <see cref="EmulatorDelays.None"/>.</value>
    public EmulatorDelays Delays { get; set; } = EmulatorDelays.None;

    /// <summary>Gets or sets the account's limits.</summary>
    public EmulatorQuotas Quotas { get; set; } = new();

    /// <summary>Gets or sets the request rates of the EBS direct APIs.</summary>
    /// <value>The default is no limits; <see cref="EbsQuotas.Documented"/> has AWS's.</value>
    public EbsQuotas BlockApiQuotas { get; set; } = new();

    /// <summary>Gets or sets the faults to inject. The emulator uses this very plan, which may be changed while it runs.</summary>
    /// <value>The default is an empty plan.</value>
    public FaultPlan Faults { get; set; } = new();

    /// <summary>Gets or sets whether new volumes and snapshot copies are encrypted when the request does not say so.</summary>
    /// <value>The default is <see langword="false"/>.</value>
    public bool EncryptionByDefault { get; set; }

    /// <summary>Gets or sets whether the VPC that a new region has is a default VPC, so that calls may leave out the subnet.</summary>
    /// <value>The default is <see langword="true"/>. Without one, <see cref="EmulatorAdmin.CreateInstanceAsync"/> still finds a subnet.</value>
    public bool DefaultVpc { get; set; } = true;

    /// <summary>Gets or sets whether instances launched from the built-in Linux images are real machines on this host.</summary>
    /// <value>
    /// The default is <see langword="false"/>: instances are records. When <see langword="true"/>, such an instance has an address, an SSH server,
    /// a console and its volumes as block devices; see the package's README. <see cref="AwsEmulator.FindWorkerObstacleAsync"/> says
    /// whether this host can.
    /// </value>
    public bool RealWorkers { get; set; }

    /// <summary>Gets or sets the seed of all ids: the same calls give the same ids.</summary>
    /// <value>The default is 1.</value>
    public int Seed { get; set; } = 1;

    /// <summary>Gets or sets how far a request's date may be from the emulator's.</summary>
    /// <value>
    /// The default is <see langword="null"/>: five minutes on the system's clock, and no check on any other <see cref="TimeProvider"/>,
    /// because clients sign with the system's time.
    /// </value>
    public TimeSpan? ClockSkewTolerance { get; set; }

    /// <summary>Gets or sets the clock that all states, delays and expiries follow.</summary>
    /// <value>The default is the system's clock.</value>
    public TimeProvider TimeProvider { get; set; } = TimeProvider.System;

    /// <summary>Gets or sets where the emulator logs.</summary>
    /// <value>The default is nowhere.</value>
    public ILoggerFactory LoggerFactory { get; set; } = NullLoggerFactory.Instance;
}
