using System.Text.RegularExpressions;

namespace Coriolis.Providers.Aws.Morphing.Network;

/// <summary>One of the ways in which distributions configure network cards, and cloud-init with them.</summary>
internal sealed record NetworkStyle
{
    /// <summary>The name for people.</summary>
    public required string Name { get; init; }

    /// <summary>Where its configuration files are.</summary>
    public required string Folder { get; init; }

    /// <summary>How their names begin.</summary>
    public string Prefix { get; init; } = "";

    /// <summary>How their names end; empty for any.</summary>
    public string[] Endings { get; init; } = [];

    /// <summary>The file that asks for DHCP on every card; <see langword="null"/> where each card needs one of its own.</summary>
    public string? Replacement { get; init; }

    public UnixFileMode Mode { get; init; } = GuestEditor.Readable;

    /// <summary>DHCP for every card, or for the one that is named.</summary>
    public required Func<string, string> Dhcp { get; init; }

    /// <summary>Matches a configuration with addresses of its own.</summary>
    public required Regex Static { get; init; }

    /// <summary>Takes the old card's address and name out of a configuration.</summary>
    public required Func<string, string> Unbind { get; init; }
}
