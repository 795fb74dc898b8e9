namespace Coriolis.Providers.Aws.Morphing.Boot;

/// <summary>Lets a guest boot from disks and with drivers that EC2 does not have.</summary>
internal sealed class BootMorpher : IOsMorpher
{
    public string Name => "boot";

    public ValueTask<bool> CanMorphAsync(IGuestRoot guest, GuestOs os, CancellationToken cancellationToken = default) => ValueTask.FromResult(os.Type == OsType.Linux);

    public async Task<MorphReport> MorphAsync(IGuestRoot guest, GuestOs os, MorphRequest request, CancellationToken cancellationToken = default)
    {
        var editor = new GuestEditor(guest);
        await FstabRewrite.RewriteAsync(editor, cancellationToken).ConfigureAwait(false);
        await KernelCommandLine.CleanAsync(editor, cancellationToken).ConfigureAwait(false);
        await InitramfsDrivers.EnsureAsync(editor, cancellationToken).ConfigureAwait(false);
        return editor.ToReport(Name);
    }
}
