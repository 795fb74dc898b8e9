namespace Coriolis.Providers.Aws;

/// <summary>How guests are morphed that leave AWS.</summary>
/// <remarks>Thread safety: none; set while services are configured.</remarks>
public sealed class AwsMorphOptions
{
    /// <summary>What to take out of a guest besides cloud-init.</summary>
    /// <value>The default is <see cref="AwsLeftovers.All"/>.</value>
    public AwsLeftovers Remove { get; set; } = AwsLeftovers.All;
}
