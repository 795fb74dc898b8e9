namespace Coriolis.Providers;

/// <summary>How to morph a guest.</summary>
/// <remarks>Immutable; safe for concurrent use.</remarks>
public sealed record MorphRequest
{
    /// <summary>Whether static network settings are kept instead of being replaced by DHCP.</summary>
    /// <value>The default is <see langword="false"/>.</value>
    public bool PreserveStaticNetwork { get; init; }

    /// <summary>Packages that stay in the guest, each with the reason as a clause for the report. What would be removed with one of them is disabled instead.</summary>
    /// <value>The default is empty.</value>
    /// <remarks>For packages that the guest's package manager has failed to remove: <see cref="GuestException.Packages"/>.</remarks>
    public IReadOnlyDictionary<string, string> KeptPackages { get; init; } = new Dictionary<string, string>();
}
