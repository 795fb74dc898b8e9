namespace Coriolis.Providers;

/// <summary>What detection found out about a guest.</summary>
/// <remarks>Immutable; safe for concurrent use.</remarks>
public sealed record GuestOs
{
    /// <summary>The family of the operating system.</summary>
    public required OsType Type { get; init; }

    /// <summary>The name for people, for example <c>Debian GNU/Linux 12 (bookworm)</c>.</summary>
    public required string Name { get; init; }

    /// <summary>The distribution's short name in lower case, for example <c>debian</c>, <c>amzn</c> or <c>rhel</c>.</summary>
    /// <value>The default is empty: unknown.</value>
    public string Id { get; init; } = "";

    /// <summary>The distribution's version, for example <c>12</c> or <c>9.4</c>.</summary>
    /// <value>The default is empty: unknown, or a rolling release.</value>
    public string Version { get; init; } = "";

    /// <summary>The short names of the distributions that this one derives from, closest first.</summary>
    /// <value>The default is empty.</value>
    public IReadOnlyList<string> DerivesFrom { get; init; } = [];

    /// <summary>Which package database the guest has.</summary>
    public GuestPackageSystem PackageSystem { get; init; }

    /// <summary>The processor architecture of the guest's programs, for example <c>x86_64</c> or <c>aarch64</c>.</summary>
    /// <value>The default is empty: unknown.</value>
    public string Architecture { get; init; } = "";
}
