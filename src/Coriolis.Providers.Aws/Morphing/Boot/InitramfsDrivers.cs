namespace Coriolis.Providers.Aws.Morphing.Boot;

/// <summary>Sees to it that the initial RAM disk has drivers for the disks of other platforms.</summary>
internal static class InitramfsDrivers
{
    private const string DracutFile = "/etc/dracut.conf.d/90-coriolis.conf";
    private const string DebianModules = "/etc/initramfs-tools/modules";

    // KVM, VMware, Hyper-V, and what emulated machines and other clouds have.
    private static readonly string[] s_drivers = ["virtio_blk", "virtio_scsi", "virtio_pci", "vmw_pvscsi", "hv_storvsc", "nvme", "ahci"];

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

        var incomplete = new List<KernelImage>();
        await foreach (var kernel in editor.Guest.ListAsync("/lib/modules", cancellationToken).ConfigureAwait(false))
        {
            var version = kernel.Path[(kernel.Path.LastIndexOf('/') + 1)..];
            if (await FindImageAsync(editor, version, cancellationToken).ConfigureAwait(false) is not { } image)
                continue;

            if (await LookAsync(editor, version, image, debian, cancellationToken).ConfigureAwait(false) is not { } found)
                editor.Warn($"It is not known whether {image} holds the drivers of other platforms.");
            else if (found.Missing.Count > 0)
                incomplete.Add(found);
        }

        if (incomplete.Count == 0)
            return;

        // What is there now may be there because the tool saw it in use on EC2, which it will not see again.
        string[] drivers = [.. incomplete.SelectMany(image => image.Available).Distinct().Order(StringComparer.Ordinal)];
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

    /// <returns>What the image has; <see langword="null"/> when that cannot be found out.</returns>
    private static async Task<KernelImage?> LookAsync(GuestEditor editor, string version, string path, bool debian, CancellationToken cancellationToken)
    {
        var list = await TryRunAsync(editor, debian ? "lsinitramfs" : "lsinitrd", [path], cancellationToken).ConfigureAwait(false);
        var modules = await TryRunAsync(editor, "find", [$"/lib/modules/{version}/", "-name", "*.ko*"], cancellationToken).ConfigureAwait(false);
        if (list.Problem is not null || modules.Problem is not null)
            return null;

        string[] available = [.. s_drivers.Where(driver => Holds(modules.Output, driver))];
        return new(version, path, available, [.. available.Where(driver => !Holds(list.Output, driver))]);
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

    private static async Task RegenerateAsync(GuestEditor editor, KernelImage image, bool debian, CancellationToken cancellationToken)
    {
        var problem = debian
            ? (await TryRunAsync(editor, "update-initramfs", ["-u", "-k", image.Version], cancellationToken).ConfigureAwait(false)).Problem
            : await RunDracutAsync(editor, image, cancellationToken).ConfigureAwait(false);
        if (problem is not null)
        {
            editor.Warn($"{image.Path} could not be made anew, is the old one, and lacks {string.Join(", ", image.Missing)}: {problem}.");
            return;
        }

        editor.Report(MorphChangeKind.FileWritten, image.Path, $"it lacked {string.Join(", ", image.Missing)}");
        var made = await LookAsync(editor, image.Version, image.Path, debian, cancellationToken).ConfigureAwait(false);
        if (made is not { Missing.Count: 0 })
            editor.Warn($"{image.Path} was made anew and may still lack {string.Join(", ", (made ?? image).Missing)}.");
    }

    // dracut deletes the image that it cannot overwrite; update-initramfs makes another and renames it, as this does.
    private static async Task<string?> RunDracutAsync(GuestEditor editor, KernelImage image, CancellationToken cancellationToken)
    {
        var made = image.Path + ".coriolis";
        (string Program, string[] Arguments)[] steps =
        [
            ("dracut", ["--force", "--no-hostonly", made, image.Version]),
            ("cp", ["--attributes-only", "--preserve=all", image.Path, made]),
            ("mv", ["--force", made, image.Path]),
        ];
        foreach (var (program, arguments) in steps)
        {
            if ((await TryRunAsync(editor, program, arguments, cancellationToken).ConfigureAwait(false)).Problem is { } problem)
            {
                await editor.Guest.DeleteAsync(made, cancellationToken).ConfigureAwait(false);
                return problem;
            }
        }

        return null;
    }

    /// <returns>What the program printed, or what is wrong, as a clause.</returns>
    private static async Task<(string Output, string? Problem)> TryRunAsync(
        GuestEditor editor, string program, IReadOnlyList<string> arguments, CancellationToken cancellationToken)
    {
        try
        {
            var result = await editor.Guest.RunAsync(new() { Program = program, Arguments = arguments, Timeout = s_timeout }, cancellationToken).ConfigureAwait(false);
            var lastLine = result.Error.TrimEnd().Split('\n')[^1].Trim().TrimEnd('.');
            return (result.Output, result.ExitCode == 0 ? null : $"{program} ended with {result.ExitCode}: {lastLine}");
        }
        catch (GuestException failure)
        {
            // A guest of another architecture, or without the program.
            return ("", failure.Problem.TrimEnd('.'));
        }
    }

    /// <param name="Version">The kernel.</param>
    /// <param name="Path">Its image.</param>
    /// <param name="Available">The drivers that the kernel has as modules.</param>
    /// <param name="Missing">Those of them that the image has not.</param>
    private sealed record KernelImage(string Version, string Path, IReadOnlyList<string> Available, IReadOnlyList<string> Missing);
}
