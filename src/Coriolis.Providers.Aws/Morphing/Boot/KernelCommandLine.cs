using System.Text.RegularExpressions;

namespace Coriolis.Providers.Aws.Morphing.Boot;

/// <summary>The kernel command line, wherever a boot loader or its generator has it.</summary>
/// <remarks>Generated files are edited word by word: generating them anew would change far more.</remarks>
internal static partial class KernelCommandLine
{
    private const string GrubDefaults = "/etc/default/grub";

    // Boot loaders read this block as it is: GRUB rejects it when its size changes.
    private const int EnvironmentBlockBytes = 1024;

    private static readonly string[] s_files =
    [
        GrubDefaults, "/etc/kernel/cmdline", "/etc/update-extlinux.conf", "/boot/grub/grub.cfg", "/boot/grub2/grub.cfg", "/boot/grub/menu.lst", "/boot/grub/grub.conf",
        "/boot/grub/grubenv", "/boot/grub2/grubenv", "/boot/extlinux.conf", "/boot/extlinux/extlinux.conf", "/boot/syslinux/syslinux.cfg",
    ];

    private static readonly (string Folder, string Ending)[] s_folders =
    [
        ("/etc/default/grub.d", ".cfg"), ("/boot/loader/entries", ".conf"), ("/boot/efi/loader/entries", ".conf"), ("/efi/loader/entries", ".conf"),
    ];

    /// <summary>Takes words out that only EC2 or cloud-init understands.</summary>
    public static Task CleanAsync(GuestEditor editor, CancellationToken cancellationToken) =>
        EditAsync(editor, text => EditLines(text, AnyCommandLine(), line => AmazonWord().Replace(line, "")), "words for EC2 were taken from the kernel command line", cancellationToken);

    /// <summary>Names the root file system by what is on it where it goes by a name of EC2's disks.</summary>
    public static async Task NameRootAsync(GuestEditor editor, CancellationToken cancellationToken)
    {
        var uuid = editor.Guest.FileSystems.FirstOrDefault(one => one.MountPoint == "/")?.Uuid;
        var hasInitialRamDisk = (await editor.ListAsync("/boot", cancellationToken).ConfigureAwait(false)).Any(path => path.StartsWith("/boot/init", StringComparison.Ordinal));
        var bound = new SortedSet<string>(StringComparer.Ordinal);
        await EditAsync(
            editor,
            text => EditLines(text, AnyCommandLine(), line => RootWord().Replace(line, match =>
            {
                if (!DeviceNames.IsBound(match.Groups["device"].Value))
                    return match.Value;

                // A kernel that mounts its root by itself knows devices and partitions only.
                if (uuid is not null && hasInitialRamDisk)
                    return $"root=UUID={uuid}";

                bound.Add(match.Value);
                return match.Value;
            })),
            "the root file system is named by what is on it",
            cancellationToken).ConfigureAwait(false);
        foreach (var word in bound)
            editor.Warn($"The kernel is started with {word}, which the new machine may call otherwise; {(uuid is null ? "the UUID of the root is not known" : "there is no initial RAM disk that would find a UUID")}.");
    }

    /// <summary>Puts a word on the command line of every kernel, and of those to come.</summary>
    /// <returns>Whether the kernels that are installed have it now.</returns>
    public static async Task<bool> AddAsync(GuestEditor editor, string word, string why, CancellationToken cancellationToken)
    {
        var has = false;
        await EditAsync(
            editor,
            text =>
            {
                var edited = EditLines(EditLines(text, KernelEntry(), line => Append(line, word)), Defaults(), line => AppendQuoted(line, word));
                has |= KernelEntry().IsMatch(edited);
                return edited;
            },
            why,
            cancellationToken).ConfigureAwait(false);
        return has;
    }

    private static async Task EditAsync(GuestEditor editor, Func<string, string> edit, string why, CancellationToken cancellationToken)
    {
        var files = new List<string>(s_files);
        foreach (var (folder, ending) in s_folders)
            files.AddRange(await editor.ListAsync(folder, cancellationToken, ending).ConfigureAwait(false));

        foreach (var path in files)
        {
            if (await editor.ReadTextAsync(path, cancellationToken).ConfigureAwait(false) is not { } text)
                continue;

            var edited = edit(text);
            if (path.EndsWith("/grubenv", StringComparison.Ordinal) && edited != text)
                edited = edited.TrimEnd('#').PadRight(EnvironmentBlockBytes, '#');
            if (path.EndsWith("/grubenv", StringComparison.Ordinal) && edited.Length > EnvironmentBlockBytes)
            {
                editor.Warn($"{path} has no room ({why}).");
                continue;
            }

            try
            {
                await editor.WriteAsync(path, edited, GuestEditor.Readable, why, cancellationToken).ConfigureAwait(false);
            }
            catch (GuestException failure)
            {
                // The EFI system partition is never written to; what is left there is harmless, or said by who asked for a word.
                editor.Warn($"{path} could not be changed ({why}): {failure.Problem}");
            }
        }
    }

    private static string EditLines(string text, Regex which, Func<string, string> edit) =>
        string.Join('\n', text.Split('\n').Select(line => which.IsMatch(line) ? edit(line) : line));

    private static string Append(string line, string word) => HasWord(line, word) ? line : $"{line.TrimEnd()} {word}";

    private static string AppendQuoted(string line, string word)
    {
        if (HasWord(line, word))
            return line;

        var value = line[(line.IndexOf('=', StringComparison.Ordinal) + 1)..].Trim();
        var quote = value.Length > 1 && value[0] is '"' or '\'' ? value[0] : '"';
        return $"{line[..(line.IndexOf('=', StringComparison.Ordinal) + 1)]}{quote}{$"{value.Trim(quote)} {word}".TrimStart()}{quote}";
    }

    private static bool HasWord(string line, string word) => line.Split(' ', '\t', '"', '\'').Contains(word);

    [GeneratedRegex(@"^\s*(GRUB_CMDLINE_\w+=|default_kernel_opts=|kernelopts=|(linux(16|efi)?|kernel|options|append)\s|root=|BOOT_IMAGE=)", RegexOptions.IgnoreCase)]
    private static partial Regex AnyCommandLine();

    // "root=" tells kernels from memory tests; "kernelopts" stands for it in entries of Fedora and its kin.
    [GeneratedRegex(@"^\s*(linux(16|efi)?|kernel|options|append)\s.*(root=|\$kernelopts|\$\{kernelopts\})|^root=", RegexOptions.IgnoreCase)]
    private static partial Regex KernelEntry();

    [GeneratedRegex(@"^\s*(GRUB_CMDLINE_LINUX|default_kernel_opts)=")]
    private static partial Regex Defaults();

    [GeneratedRegex(@"(?<=^|[\s""'=])root=(?<device>/dev/[^\s""']+)")]
    private static partial Regex RootWord();

    // xvc0 and hvc0 are consoles of Xen; the others keep their meaning on any machine.
    [GeneratedRegex(@"(?<=[\s""'=])(console=(xvc0|hvc0)|xencons=\S+?|xen_emul_unplug=\S+?|cloud-init=\S+?|ds=[^\s""']+|nvme_core\.io_timeout=4294967295)(?=[\s""']|$)[ \t]?")]
    private static partial Regex AmazonWord();
}
