using System.Text.RegularExpressions;

namespace Coriolis.Providers.Aws.Morphing.Amazon;

/// <summary>Disables services as systemd, SysV init and OpenRC do: by the links that would start them.</summary>
internal static partial class ServiceLinks
{
    private const string SystemdFolder = "/etc/systemd/system";

    private static readonly string[] s_folders = ["/etc/rc2.d", "/etc/rc3.d", "/etc/rc4.d", "/etc/rc5.d", "/etc/runlevels/sysinit", "/etc/runlevels/boot", "/etc/runlevels/default"];

    /// <param name="editor">The guest.</param>
    /// <param name="service">The service, without the ending of its unit.</param>
    /// <param name="why">The reason, for the report.</param>
    /// <param name="cancellationToken">Cancels between two links.</param>
    public static async Task DisableAsync(GuestEditor editor, string service, string why, CancellationToken cancellationToken)
    {
        var folders = new List<string>(s_folders);
        await foreach (var entry in editor.Guest.ListAsync(SystemdFolder, cancellationToken).ConfigureAwait(false))
        {
            if (entry.Kind == GuestFileKind.Directory && (entry.Path.EndsWith(".wants", StringComparison.Ordinal) || entry.Path.EndsWith(".requires", StringComparison.Ordinal)))
                folders.Add(entry.Path);
        }

        var disabled = false;
        foreach (var folder in folders)
        {
            foreach (var link in await editor.ListAsync(folder, cancellationToken).ConfigureAwait(false))
            {
                if (Unit().Match(link) is { Success: true } match && match.Groups["name"].Value == service)
                    disabled |= await editor.DeleteAsync(link, why, cancellationToken).ConfigureAwait(false);
            }
        }

        if (disabled)
            editor.Report(MorphChangeKind.ServiceDisabled, service, why);
    }

    // S20awsagent; amazon-ssm-agent.service; refresh-policy-routes@ens5.timer, which goes by the name of its template.
    [GeneratedRegex(@"/(S\d\d)?((?<name>[^/@]+@)[^/@]*|(?<name>[^/@]+?)(\.(service|timer|socket))?)$")]
    private static partial Regex Unit();
}
