namespace Coriolis.Providers.Aws.Morphing.Boot;

/// <summary>Lets a guest boot from disks and with drivers that EC2 does not have.</summary>
internal sealed class BootMorpher : IOsMorpher
{
    // LVM uses no disks but those that this file names, here by their EC2 identifiers. Without it, it looks at all.
    private const string LvmDevices = "/etc/lvm/devices/system.devices";

    public string Name => "boot";

    public ValueTask<bool> CanMorphAsync(IGuestRoot guest, GuestOs os, CancellationToken cancellationToken = default) => ValueTask.FromResult(os.Type == OsType.Linux);

    public async Task<MorphReport> MorphAsync(IGuestRoot guest, GuestOs os, MorphRequest request, CancellationToken cancellationToken = default)
    {
        var editor = new GuestEditor(guest);
        await FstabRewrite.RewriteAsync(editor, cancellationToken).ConfigureAwait(false);
        await editor.DeleteAsync(LvmDevices, "it lets LVM use EC2's disks only", cancellationToken).ConfigureAwait(false);
        await KernelCommandLine.CleanAsync(editor, cancellationToken).ConfigureAwait(false);
        await KernelCommandLine.NameRootAsync(editor, cancellationToken).ConfigureAwait(false);
        await InitramfsDrivers.EnsureAsync(editor, cancellationToken).ConfigureAwait(false);
        return editor.ToReport(Name);
    }
}
