namespace Coriolis.Aws.Emulator.State;

/// <summary>How an instance's metadata service answers.</summary>
internal sealed record MetadataOptions
{
    /// <summary><c>enabled</c> or <c>disabled</c>.</summary>
    public string HttpEndpoint { get; init; } = "enabled";

    /// <summary><c>optional</c>, or <c>required</c> for version 2 only.</summary>
    public string HttpTokens { get; init; } = "optional";

    /// <summary>How many hops the answer with a token may travel.</summary>
    public int HopLimit { get; init; } = 1;

    /// <summary>Whether the service is to have an IPv6 address too; kept and reported only.</summary>
    public string HttpProtocolIpv6 { get; init; } = "disabled";

    /// <summary>Whether the instance's tags are served.</summary>
    public string InstanceTags { get; init; } = "disabled";
}
