using Coriolis.Aws.Emulator.Http;
using Coriolis.Aws.Emulator.Iam;
using Coriolis.Aws.Emulator.State;

namespace Coriolis.Aws.Emulator.Ec2.Protocol;

/// <summary>One EC2 operation being executed, alone in its region.</summary>
internal sealed class Ec2Call
{
    public required string Operation { get; init; }

    public required Region Region { get; init; }

    /// <summary>Who calls, and what its policies say.</summary>
    public required Authorizer Caller { get; init; }

    public required QueryParameters Parameters { get; init; }

    public required Ec2Xml Response { get; init; }

    /// <summary>The one time of this call: everything it creates or compares uses it.</summary>
    public required DateTimeOffset Now { get; init; }

    public RegionState State => Region.State;

    public string AccountId => Region.AccountId;
}
