using Coriolis.Providers.Aws.Morphing.Network;
using Coriolis.Providers.Aws.Morphing.Packages;

namespace Coriolis.Providers.Aws.Morphing;

/// <summary>Takes cloud-init out of a Linux guest and gives it a network configuration of its own.</summary>
internal sealed class CloudInitRemovalMorpher : IOsMorpher
{
    private const string Program = "/usr/bin/cloud-init";
    private const string DisabledMarker = "/etc/cloud/cloud-init.disabled";

    private static readonly string[] s_packages = ["cloud-init", "cloud-init-base", "cloud-init-cfg-ec2", "cloud-init-config-suse", "cloud-init-main"];

    private static readonly string[] s_signs = ["/etc/cloud", "/var/lib/cloud", Program];

    public string Name => "cloud-init removal";

    public async ValueTask<bool> CanMorphAsync(IGuestRoot guest, GuestOs os, CancellationToken cancellationToken = default)
    {
        if (os.Type != OsType.Linux)
            return false;

        foreach (var path in s_signs)
        {
            if (await guest.GetFileAsync(path, cancellationToken).ConfigureAwait(false) is not null)
                return true;
        }

        return false;
    }

    public async Task<MorphReport> MorphAsync(IGuestRoot guest, GuestOs os, MorphRequest request, CancellationToken cancellationToken = default)
    {
        var editor = new GuestEditor(guest);

        // Package scripts may remove what cloud-init rendered, so that goes first.
        await NetworkReplacement.ReplaceAsync(editor, request.PreserveStaticNetwork, cancellationToken).ConfigureAwait(false);
        await CloudInitLeftovers.RemovePersistentNamesAsync(editor, cancellationToken).ConfigureAwait(false);
        if (await RemovePackageAsync(editor, os, request, cancellationToken).ConfigureAwait(false) is { } refusal)
            await DisableAsync(editor, refusal, cancellationToken).ConfigureAwait(false);
        else
            await CloudInitLeftovers.RemoveAsync(editor, cancellationToken).ConfigureAwait(false);

        return editor.ToReport(Name);
    }

    /// <returns>Why the package cannot be removed; <see langword="null"/> when it is gone.</returns>
    private static async Task<string?> RemovePackageAsync(GuestEditor editor, GuestOs os, MorphRequest request, CancellationToken cancellationToken)
    {
        if (GuestPackages.For(editor.Guest, os) is not { } packages)
            return await editor.ExistsAsync(Program, cancellationToken).ConfigureAwait(false) ? "the guest has no known package manager" : null;

        RemovalPlan plan;
        try
        {
            plan = (await packages.PlanRemovalAsync(s_packages, cancellationToken).ConfigureAwait(false)).Keeping(request.KeptPackages);
        }
        catch (GuestException failure)
        {
            return $"its package database cannot be read: {failure.Problem}";
        }

        if (plan.Refusal is not null)
            return plan.Refusal;
        if (plan.Packages.Count == 0)
            return await editor.ExistsAsync(Program, cancellationToken).ConfigureAwait(false) ? $"no package of the guest holds {Program}" : null;

        await packages.RemoveAsync(plan, cancellationToken).ConfigureAwait(false);
        foreach (var package in plan.Packages)
        {
            var why = s_packages.Contains(package) ? "it configures the machine from EC2's metadata" : "it needs cloud-init";
            editor.Report(MorphChangeKind.PackageRemoved, package, why);
        }

        return null;
    }

    // The way that cloud-init's own documentation gives: its generator, its service scripts and ds-identify look for this file.
    private static async Task DisableAsync(GuestEditor editor, string refusal, CancellationToken cancellationToken)
    {
        if (await editor.ExistsAsync(DisabledMarker, cancellationToken).ConfigureAwait(false))
            return;

        editor.Warn($"cloud-init was disabled, not removed: {refusal.TrimEnd('.')}.");
        await editor.WriteAsync(DisabledMarker, "Disabled when the machine left AWS.\n", GuestEditor.Readable, "cloud-init was disabled instead of removed", cancellationToken).ConfigureAwait(false);
        editor.Report(MorphChangeKind.ServiceDisabled, "cloud-init", "the package cannot be removed");
    }
}
