using System.Text.RegularExpressions;

namespace Coriolis.Providers.Aws.Morphing.Network;

/// <summary>One of the ways in which distributions configure network cards, and cloud-init with them.</summary>
internal sealed record NetworkStyle
{
    /// <summary>Where its configuration files are.</summary>
    public required string Folder { get; init; }

    /// <summary>A file outside the folder that may hold everything.</summary>
    public string? MainFile { get; init; }

    /// <summary>How names of its files begin.</summary>
    public IReadOnlyList<string> Prefixes { get; init; } = [""];

    /// <summary>How their names end; empty for any.</summary>
    public string[] Endings { get; init; } = [];

    public UnixFileMode Mode { get; init; } = GuestEditor.Readable;

    /// <summary>Matches a configuration with addresses of its own.</summary>
    public required Regex Static { get; init; }

    /// <summary>Matches bonds, bridges and VLANs: more than an address, so they are kept.</summary>
    public required Regex Compound { get; init; }

    /// <summary>The files that ask for DHCP in place of what cloud-init wrote.</summary>
    public required Func<RenderedNetwork, IReadOnlyList<NetworkFile>> Dhcp { get; init; }

    /// <summary>Whether these fit a card of any name; otherwise they are for the kernel's own names.</summary>
    public bool DhcpOnAnyCard { get; init; } = true;

    /// <summary>Lets the settings of the only card fit any card; answers <see langword="null"/> when they cannot.</summary>
    public Func<string, string?> OnAnyCard { get; init; } = _ => null;

    /// <summary>Takes the addresses of the old cards out of a file, so that it goes by names alone.</summary>
    public required Func<NetworkFile, string> ByName { get; init; }
}
