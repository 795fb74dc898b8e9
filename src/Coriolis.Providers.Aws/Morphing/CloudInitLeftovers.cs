using System.Text.RegularExpressions;
using Coriolis.Providers.Aws.Morphing.Amazon;

namespace Coriolis.Providers.Aws.Morphing;

/// <summary>What cloud-init leaves in a guest when its package is gone.</summary>
internal static partial class CloudInitLeftovers
{
    private const string Why = "cloud-init left it";
    private const string Data = "/var/lib/cloud";
    private const string TinyCloudWhy = "it configures the machine from EC2's metadata";

    private static readonly string[] s_tinyCloud = ["tiny-cloud-boot", "tiny-cloud-early", "tiny-cloud-main", "tiny-cloud-final"];

    private static readonly string[] s_paths =
    [
        "/etc/cloud",
        Data,
        "/run/cloud-init",
        "/etc/NetworkManager/conf.d/99-cloud-init.conf",
        "/etc/NetworkManager/conf.d/30-cloud-init-ip6-addr-gen-mode.conf",
        "/etc/NetworkManager/dispatcher.d/cloud-init-hook-network-manager",
        "/etc/NetworkManager/dispatcher.d/hook-network-manager",
        "/etc/dhcp/dhclient-exit-hooks.d/hook-dhclient",
        "/etc/dhcp/dhclient-exit-hooks.d/cloud-init",
        "/etc/apt/apt.conf.d/90cloud-init-pipelining",
        "/etc/rsyslog.d/21-cloudinit.conf",
        "/etc/logrotate.d/cloud-init",
        "/etc/profile.d/Z99-cloud-locale-test.sh",
        "/etc/profile.d/Z99-cloudinit-warnings.sh",
        "/etc/systemd/system/cloud-init.target.wants",
        "/etc/systemd/system/sshd-keygen@.service.d/disable-sshd-keygen-if-cloud-init-active.conf",
    ];

    // What its units are named by, and which links, drop-ins and cards' names begin or end so.
    private static readonly string[] s_folders =
    [
        "/etc/systemd/system", "/etc/systemd/system-generators", "/etc/systemd/network", "/etc/init.d", "/etc/rc2.d", "/etc/rc3.d", "/etc/rc4.d", "/etc/rc5.d",
        "/etc/runlevels/boot", "/etc/runlevels/default",
    ];

    private static readonly string[] s_udevRules = ["/etc/udev/rules.d/70-persistent-net.rules", "/etc/udev/rules.d/85-persistent-net-cloud-init.rules"];

    public static async Task RemoveAsync(GuestEditor editor, CancellationToken cancellationToken)
    {
        foreach (var script in await editor.ListAsync("/var/lib/cloud/scripts/per-boot", cancellationToken).ConfigureAwait(false))
            editor.Warn($"{script} was run by cloud-init at every boot and is removed with it; the undo archive has it.");
        await WarnOfDependentUnitsAsync(editor, cancellationToken).ConfigureAwait(false);
        var hasTinyCloud = await DisableTinyCloudAsync(editor, cancellationToken).ConfigureAwait(false);
        foreach (var path in s_paths.Where(path => path != Data || !hasTinyCloud))
            await editor.DeleteAsync(path, Why, cancellationToken).ConfigureAwait(false);
        foreach (var folder in s_folders)
            await RemoveUnitsAsync(editor, folder, cancellationToken).ConfigureAwait(false);
        await SudoersDropIn.RemoveAsync(editor, SudoersDropIn.CloudInit, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Removes rules that give a name to the old card. A rule file without any, or a link to nothing, is somebody's wish.</summary>
    public static async Task RemovePersistentNamesAsync(GuestEditor editor, CancellationToken cancellationToken)
    {
        foreach (var path in s_udevRules)
        {
            if (await editor.ReadTextAsync(path, cancellationToken).ConfigureAwait(false) is { } text && CardAddress().IsMatch(text))
                await editor.DeleteAsync(path, "it binds a network name to the old card", cancellationToken).ConfigureAwait(false);
        }
    }

    // Alpine's own bootstrapper keeps its state in the same directory: without the mark there it would set the machine up once more.
    private static async Task<bool> DisableTinyCloudAsync(GuestEditor editor, CancellationToken cancellationToken)
    {
        var found = false;
        foreach (var service in s_tinyCloud)
        {
            if (!await editor.ExistsAsync($"/etc/init.d/{service}", cancellationToken).ConfigureAwait(false))
                continue;

            found = true;
            await ServiceLinks.DisableAsync(editor, service, TinyCloudWhy, cancellationToken).ConfigureAwait(false);
        }

        return found;
    }

    // A unit of the owner's that must have one of cloud-init's does not start without it.
    private static async Task WarnOfDependentUnitsAsync(GuestEditor editor, CancellationToken cancellationToken)
    {
        foreach (var path in await editor.ListAsync("/etc/systemd/system", cancellationToken, ".service", ".mount", ".target").ConfigureAwait(false))
        {
            if (!Unit().IsMatch(path) && await editor.ReadTextAsync(path, cancellationToken).ConfigureAwait(false) is { } text && NeedsUnit().IsMatch(text))
                editor.Warn($"{path} requires a unit of cloud-init and will not start without it; change it.");
        }
    }

    private static async Task RemoveUnitsAsync(GuestEditor editor, string folder, CancellationToken cancellationToken)
    {
        var folders = new List<string>();
        await foreach (var entry in editor.Guest.ListAsync(folder, cancellationToken).ConfigureAwait(false))
        {
            if (Unit().IsMatch(entry.Path))
                await editor.DeleteAsync(entry.Path, Why, cancellationToken).ConfigureAwait(false);
            else if (entry.Kind == GuestFileKind.Directory && entry.Path.EndsWith(".wants", StringComparison.Ordinal))
                folders.Add(entry.Path);
        }

        foreach (var inner in folders)
            await RemoveUnitsAsync(editor, inner, cancellationToken).ConfigureAwait(false);
    }

    // cloud-init.target, cloud-config.service and their drop-ins, S01cloud-final of SysV init, 50-cloud-init-eth0.link.
    [GeneratedRegex(@"/([SK]?\d\d-?)?(cloud-init([-.@][^/]*)?|cloud-(config|final)(\.[^/]*)?)$")]
    private static partial Regex Unit();

    [GeneratedRegex(@"^(Requires|Requisite|BindsTo)=.*\bcloud-(init|config|final)", RegexOptions.Multiline)]
    private static partial Regex NeedsUnit();

    [GeneratedRegex(@"ATTRS?\{address\}")]
    private static partial Regex CardAddress();
}
