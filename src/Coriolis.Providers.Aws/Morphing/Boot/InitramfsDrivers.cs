namespace Coriolis.Providers.Aws.Morphing.Boot;

/// <summary>Sees to it that the initial RAM disk has drivers for the disks of other platforms.</summary>
internal static class InitramfsDrivers
{
    private const string DracutFile = "/etc/dracut.conf.d/90-coriolis.conf";
    private const string DebianModules = "/etc/initramfs-tools/modules";

    // KVM, VMware, Hyper-V, and what emulated machines and other clouds have.
    private static readonly string[] s_drivers = ["virtio_blk", "virtio_scsi", "virtio_pci", "virtio_net", "vmw_pvscsi", "hv_storvsc", "nvme", "ahci"];

    private static readonly TimeSpan s_timeout = TimeSpan.FromMinutes(20);

    public static async Task EnsureAsync(GuestEditor editor, CancellationToken cancellationToken)
    {
        var debian = await editor.ExistsAsync("/usr/sbin/update-initramfs", cancellationToken).ConfigureAwait(false);
        var dracut = !debian && await editor.ExistsAsync("/usr/bin/dracut", cancellationToken).ConfigureAwait(false);
        if (!debian && !dracut)
        {
            if (await editor.ExistsAsync("/usr/bin/mkinitcpio", cancellationToken).ConfigureAwait(false) || await editor.ExistsAsync("/sbin/mkinitfs", cancellationToken).ConfigureAwait(false))
                editor.Warn($"It is not known whether the initial RAM disk holds the drivers of other platforms ({string.Join(", ", s_drivers)}).");
            return;
        }

        var incomplete = new List<IncompleteImage>();
        await foreach (var kernel in editor.Guest.ListAsync("/lib/modules", cancellationToken).ConfigureAwait(false))
        {
            var version = kernel.Path[(kernel.Path.LastIndexOf('/') + 1)..];
            if (await FindImageAsync(editor, version, cancellationToken).ConfigureAwait(false) is { } image
                && await FindMissingAsync(editor, version, image, debian, cancellationToken).ConfigureAwait(false) is { Count: > 0 } missing)
                incomplete.Add(new(version, image, missing));
        }

        if (incomplete.Count == 0)
            return;

        string[] drivers = [.. incomplete.SelectMany(one => one.Missing).Distinct().Order(StringComparer.Ordinal)];
        if (debian)
            await AddDebianModulesAsync(editor, drivers, cancellationToken).ConfigureAwait(false);
        else
            await editor.WriteAsync(DracutFile, $"add_drivers+=\" {string.Join(' ', drivers)} \"\n", GuestEditor.Readable, "drivers of other platforms", cancellationToken).ConfigureAwait(false);

        foreach (var image in incomplete)
            await RegenerateAsync(editor, image, debian, cancellationToken).ConfigureAwait(false);
    }

    // Debian's name, Red Hat's and SUSE's.
    private static async Task<string?> FindImageAsync(GuestEditor editor, string version, CancellationToken cancellationToken)
    {
        foreach (var image in (string[])[$"/boot/initrd.img-{version}", $"/boot/initramfs-{version}.img", $"/boot/initrd-{version}"])
        {
            if (await editor.ExistsAsync(image, cancellationToken).ConfigureAwait(false))
                return image;
        }

        return null;
    }

    /// <returns>The drivers that the kernel has as modules and the image has not.</returns>
    private static async Task<IReadOnlyList<string>> FindMissingAsync(
        GuestEditor editor, string version, string image, bool debian, CancellationToken cancellationToken)
    {
        var list = await TryRunAsync(editor, debian ? "lsinitramfs" : "lsinitrd", [image], cancellationToken).ConfigureAwait(false);
        var modules = await TryRunAsync(editor, "find", [$"/lib/modules/{version}/", "-name", "*.ko*"], cancellationToken).ConfigureAwait(false);
        if (list is null || modules is null)
        {
            editor.Warn($"It is not known whether {image} holds the drivers of other platforms.");
            return [];
        }

        return [.. s_drivers.Where(driver => Holds(modules, driver) && !Holds(list, driver))];
    }

    // File names have "-" or "_", whichever their authors liked.
    private static bool Holds(string list, string driver) =>
        list.Replace('-', '_').Contains($"/{driver}.ko", StringComparison.Ordinal);

    private static async Task AddDebianModulesAsync(GuestEditor editor, IReadOnlyList<string> drivers, CancellationToken cancellationToken)
    {
        var text = await editor.ReadTextAsync(DebianModules, cancellationToken).ConfigureAwait(false) ?? "";
        var missing = drivers.Where(driver => !text.Split('\n').Contains(driver)).ToArray();
        if (missing.Length > 0)
            await editor.WriteAsync(DebianModules, $"{text.TrimEnd('\n')}\n{string.Join('\n', missing)}\n".TrimStart('\n'), GuestEditor.Readable, "drivers of other platforms", cancellationToken).ConfigureAwait(false);
    }

    private static async Task RegenerateAsync(GuestEditor editor, IncompleteImage image, bool debian, CancellationToken cancellationToken)
    {
        var drivers = string.Join(", ", image.Missing);
        var output = debian
            ? await TryRunAsync(editor, "update-initramfs", ["-u", "-k", image.Version], cancellationToken).ConfigureAwait(false)
            : await TryRunAsync(editor, "dracut", ["--force", "--no-hostonly", image.Path, image.Version], cancellationToken).ConfigureAwait(false);
        if (output is null)
            editor.Warn($"{image.Path} could not be made anew and lacks {drivers}.");
        else
            editor.Report(MorphChangeKind.FileWritten, image.Path, $"it lacked {drivers}");
    }

    private static async Task<string?> TryRunAsync(
        GuestEditor editor, string program, IReadOnlyList<string> arguments, CancellationToken cancellationToken)
    {
        try
        {
            var result = await editor.Guest.RunAsync(new() { Program = program, Arguments = arguments, Timeout = s_timeout }, cancellationToken).ConfigureAwait(false);
            return result.ExitCode == 0 ? result.Output : null;
        }
        catch (GuestException)
        {
            // A guest of another architecture, or without the program.
            return null;
        }
    }

    private sealed record IncompleteImage(string Version, string Path, IReadOnlyList<string> Missing);
}
