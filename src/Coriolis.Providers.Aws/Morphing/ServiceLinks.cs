namespace Coriolis.Providers.Aws.Morphing;

/// <summary>Disables systemd services as <c>systemctl disable</c> does: by the links that would start them.</summary>
internal static class ServiceLinks
{
    private const string Folder = "/etc/systemd/system";

    public static async Task DisableAsync(GuestEditor editor, string service, string why, CancellationToken cancellationToken)
    {
        var wants = new List<string>();
        await foreach (var entry in editor.Guest.ListAsync(Folder, cancellationToken).ConfigureAwait(false))
        {
            if (entry.Kind == GuestFileKind.Directory && entry.Path.EndsWith(".wants", StringComparison.Ordinal))
                wants.Add(entry.Path);
        }

        var disabled = false;
        foreach (var folder in wants)
            disabled |= await editor.DeleteAsync($"{folder}/{service}", why, cancellationToken).ConfigureAwait(false);
        if (disabled)
            editor.Report(MorphChangeKind.ServiceDisabled, service, why);
    }
}
