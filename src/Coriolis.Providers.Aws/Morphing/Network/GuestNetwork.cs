using Coriolis.Providers.Aws.Morphing.Packages;

namespace Coriolis.Providers.Aws.Morphing.Network;

/// <summary>What the programs that read a guest's network configuration can do.</summary>
/// <param name="HasInterfacePatterns">Whether its ifupdown takes patterns in place of names; those of Alpine and of old releases do not.</param>
/// <param name="RunsNetworkManager">Whether NetworkManager starts with the guest.</param>
internal sealed record GuestNetwork(bool HasInterfacePatterns, bool RunsNetworkManager)
{
    // Debian 9 is the first release with it.
    private static readonly Version s_firstWithPatterns = new(0, 8, 20);

    private static readonly string[] s_networkManagerLinks =
        ["/etc/systemd/system/multi-user.target.wants/NetworkManager.service", "/etc/systemd/system/network-online.target.wants/NetworkManager-wait-online.service"];

    public static async Task<GuestNetwork> DetectAsync(GuestEditor editor, CancellationToken cancellationToken)
    {
        var runsNetworkManager = false;
        foreach (var link in s_networkManagerLinks)
            runsNetworkManager |= await editor.ExistsAsync(link, cancellationToken).ConfigureAwait(false);
        return new(await HasPatternsAsync(editor, cancellationToken).ConfigureAwait(false), runsNetworkManager);
    }

    private static async Task<bool> HasPatternsAsync(GuestEditor editor, CancellationToken cancellationToken)
    {
        try
        {
            var packages = await DpkgStatus.ReadAsync(editor.Guest, cancellationToken).ConfigureAwait(false);
            var digits = new string([.. packages.VersionOf("ifupdown").TakeWhile(character => char.IsAsciiDigit(character) || character == '.')]);
            return Version.TryParse(digits.TrimEnd('.'), out var version) && version >= s_firstWithPatterns;
        }
        catch (GuestException)
        {
            // Not a guest with dpkg: its ifupdown is that of BusyBox or Alpine.
            return false;
        }
    }
}
