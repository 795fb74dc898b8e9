namespace Coriolis.Providers.Aws.Morphing;

/// <summary>What cloud-init leaves in a guest when its package is gone.</summary>
internal static class CloudInitLeftovers
{
    private const string Why = "cloud-init left it";

    private static readonly string[] s_paths =
    [
        "/etc/cloud",
        "/var/lib/cloud",
        "/etc/NetworkManager/conf.d/99-cloud-init.conf",
        "/etc/NetworkManager/conf.d/30-cloud-init-ip6-addr-gen-mode.conf",
        "/etc/apt/apt.conf.d/90cloud-init-pipelining",
        "/etc/rsyslog.d/21-cloudinit.conf",
        "/etc/systemd/system/cloud-init.target.wants",
    ];

    private static readonly string[] s_unitFolders = ["/etc/systemd/system", "/etc/systemd/system-generators", "/etc/systemd/network"];

    // Written for the old network card, whose MAC address the new one does not have.
    private static readonly string[] s_udevRules = ["/etc/udev/rules.d/70-persistent-net.rules", "/etc/udev/rules.d/75-persistent-net-generator.rules"];

    public static async Task RemoveAsync(GuestEditor editor, CancellationToken cancellationToken)
    {
        foreach (var path in s_paths)
            await editor.DeleteAsync(path, Why, cancellationToken).ConfigureAwait(false);
        foreach (var folder in s_unitFolders)
            await RemoveUnitsAsync(editor, folder, cancellationToken).ConfigureAwait(false);
        await SudoersDropIn.RemoveAsync(editor, cancellationToken).ConfigureAwait(false);
    }

    public static async Task RemovePersistentNamesAsync(GuestEditor editor, CancellationToken cancellationToken)
    {
        foreach (var path in s_udevRules)
            await editor.DeleteAsync(path, "it binds a network name to the old card", cancellationToken).ConfigureAwait(false);
    }

    private static async Task RemoveUnitsAsync(GuestEditor editor, string folder, CancellationToken cancellationToken)
    {
        var folders = new List<string>();
        await foreach (var entry in editor.Guest.ListAsync(folder, cancellationToken).ConfigureAwait(false))
        {
            if (IsUnit(entry.Path))
                await editor.DeleteAsync(entry.Path, Why, cancellationToken).ConfigureAwait(false);
            else if (entry.Kind == GuestFileKind.Directory && entry.Path.EndsWith(".wants", StringComparison.Ordinal))
                folders.Add(entry.Path);
        }

        foreach (var inner in folders)
            await RemoveUnitsAsync(editor, inner, cancellationToken).ConfigureAwait(false);
    }

    private static bool IsUnit(string path) => path[(path.LastIndexOf('/') + 1)..] is var name
        && (name.StartsWith("cloud-init", StringComparison.Ordinal)
            || name is "cloud-config.service" or "cloud-final.service" or "cloud-config.target");
}
