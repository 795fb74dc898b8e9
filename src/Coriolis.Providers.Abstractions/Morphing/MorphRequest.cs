namespace Coriolis.Providers;

/// <summary>How to morph a guest.</summary>
/// <remarks>Immutable; safe for concurrent use.</remarks>
public sealed record MorphRequest
{
    /// <summary>Whether static network settings are kept instead of being replaced by DHCP.</summary>
    /// <value>The default is <see langword="false"/>.</value>
    public bool PreserveStaticNetwork { get; init; }
}
