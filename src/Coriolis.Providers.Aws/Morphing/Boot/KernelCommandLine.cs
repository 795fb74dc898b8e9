using System.Text.RegularExpressions;

namespace Coriolis.Providers.Aws.Morphing.Boot;

/// <summary>Takes words out of the kernel command line that only EC2 or cloud-init understands.</summary>
/// <remarks>The boot loader's generated files are edited too, word by word: generating them anew would change far more.</remarks>
internal static partial class KernelCommandLine
{
    private static readonly string[] s_files =
    [
        "/etc/default/grub", "/etc/kernel/cmdline", "/boot/grub/grub.cfg", "/boot/grub2/grub.cfg", "/boot/grub/menu.lst", "/boot/extlinux.conf",
    ];

    private static readonly (string Folder, string Ending)[] s_folders = [("/etc/default/grub.d", ".cfg"), ("/boot/loader/entries", ".conf")];

    public static async Task CleanAsync(GuestEditor editor, CancellationToken cancellationToken)
    {
        var files = new List<string>(s_files);
        foreach (var (folder, ending) in s_folders)
            files.AddRange(await editor.ListAsync(folder, cancellationToken, ending).ConfigureAwait(false));

        foreach (var path in files)
        {
            if (await editor.ReadTextAsync(path, cancellationToken).ConfigureAwait(false) is not { } text)
                continue;

            var cleaned = string.Join('\n', text.Split('\n').Select(Clean));
            await editor.WriteAsync(path, cleaned, GuestEditor.Readable, "words for EC2 were taken from the kernel command line", cancellationToken).ConfigureAwait(false);
        }
    }

    private static string Clean(string line) => line.TrimStart().StartsWith('#') || !CommandLine().IsMatch(line) ? line : Word().Replace(line, "");

    [GeneratedRegex(@"^\s*(GRUB_CMDLINE_\w+=|linux(16|efi)?\s|kernel\s|options\s|append\s|root=|BOOT_IMAGE=)")]
    private static partial Regex CommandLine();

    // xvc0 and hvc0 are consoles of Xen; the others keep their meaning on any machine.
    [GeneratedRegex(@"(?<=[\s""'])(console=(xvc0|hvc0)|xencons=\S+?|xen_emul_unplug=\S+?|cloud-init=\S+?|ds=[^\s""']+|nvme_core\.io_timeout=4294967295)(?=[\s""']|$)[ \t]?")]
    private static partial Regex Word();
}
