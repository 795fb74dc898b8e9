using System.Text.RegularExpressions;

namespace Coriolis.Morphing.Mounting;

/// <summary>The file systems of a guest that somebody else has mounted below a directory.</summary>
internal static partial class DirectoryMounts
{
    // The last mount at a place hides those before it, as it does in the output of findmnt.
    private const string Script = """
        directory=$(realpath -- "$1") && [ -d "$directory" ] || exit
        printf '%s\n' "$directory"
        exec findmnt --noheadings --raw --output TARGET,FSTYPE
        """;

    // Whatever else is mounted in a guest, such as /proc, /dev or a single file, belongs to whom has mounted it.
    private static readonly HashSet<string> s_types = new(StringComparer.Ordinal) { "ext2", "ext3", "ext4", "xfs", "btrfs", "vfat" };

    /// <summary>Makes the file systems appear in a namespace, each in a directory of its own.</summary>
    /// <param name="space">The namespace, which knows the directory.</param>
    /// <param name="directory">Where the guest's root is mounted.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    /// <returns>The file systems, the root first and each after those above it.</returns>
    public static async Task<IReadOnlyList<GuestMount>> BindAsync(IMountSpace space, string directory, CancellationToken cancellationToken)
    {
        var output = await space.RunAsync(["/bin/sh", "-c", Script, "sh", directory], cancellationToken).ConfigureAwait(false);
        string[] lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var root = lines[0];
        var types = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var line in lines[1..])
        {
            if (line.Split(' ') is [var target, var type] && Unescape(target) is var place && place.StartsWith(root + "/", StringComparison.Ordinal))
                types[place[root.Length..]] = type;
        }

        var mounts = new List<GuestMount>();
        await BindAsync("/", "").ConfigureAwait(false);
        foreach (var (mountPoint, type) in types.Where(pair => s_types.Contains(pair.Value)))
            await BindAsync(mountPoint, type).ConfigureAwait(false);
        return mounts;

        async Task BindAsync(string mountPoint, string type)
        {
            var mount = new GuestMount(mountPoint, $"volume-{mounts.Count}", type);
            var source = root + mountPoint.TrimEnd('/');
            if (mountPoint != "/" && (await space.RunAsync(["find", source, "-maxdepth", "0", "-type", "d"], cancellationToken).ConfigureAwait(false)).Length == 0)
                return;

            await space.CreateDirectoryAsync(mount.Directory, cancellationToken).ConfigureAwait(false);
            await space.RunAsync(["mount", "--bind", source, MountNamespace.Inside(mount.Directory)], cancellationToken).ConfigureAwait(false);
            mounts.Add(mount);
        }
    }

    private static string Unescape(string text) =>
        Escape().Replace(text, match => ((char)Convert.ToByte(match.Groups["code"].Value, 16)).ToString());

    [GeneratedRegex(@"\\x(?<code>[0-9a-f]{2})")]
    private static partial Regex Escape();
}
