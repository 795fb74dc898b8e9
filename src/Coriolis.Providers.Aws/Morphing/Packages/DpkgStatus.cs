using System.Text;

namespace Coriolis.Providers.Aws.Morphing.Packages;

/// <summary>The installed packages of dpkg's database, as deb-control(5) describes them.</summary>
internal sealed class DpkgStatus
{
    public const string Path = "/var/lib/dpkg/status";

    private const int MaxBytes = 128 * 1024 * 1024;

    private readonly Dictionary<string, Entry> _installed = new(StringComparer.Ordinal);

    private DpkgStatus()
    {
    }

    /// <summary>Packages that are neither installed nor removed: something went wrong in the guest before.</summary>
    public List<string> Broken { get; } = [];

    public static async Task<DpkgStatus> ReadAsync(IGuestRoot guest, CancellationToken cancellationToken)
    {
        var bytes = await guest.ReadAsync(Path, MaxBytes, cancellationToken).ConfigureAwait(false);
        var status = new DpkgStatus();
        foreach (var paragraph in Encoding.UTF8.GetString(bytes.Span).Split("\n\n", StringSplitOptions.RemoveEmptyEntries))
            status.Add(ParseFields(paragraph));
        return status;
    }

    public bool IsInstalled(string name) => _installed.ContainsKey(name);

    /// <summary>The version of a package; empty when it is not installed.</summary>
    public string VersionOf(string name) => _installed.TryGetValue(name, out var entry) ? entry.Version : "";

    public bool IsEssential(string name) => _installed.TryGetValue(name, out var entry) && entry.Essential;

    /// <summary>All installed packages that some packages need or recommend, directly or through others: what apt installed for them, if nobody asked for it.</summary>
    public IEnumerable<string> NeededBy(IReadOnlyCollection<string> names)
    {
        var found = new HashSet<string>(StringComparer.Ordinal);
        var waiting = new Stack<string>(names);
        while (waiting.TryPop(out var name))
        {
            if (!_installed.TryGetValue(name, out var entry))
                continue;

            var wanted = entry.Dependencies.Concat(entry.Recommendations).SelectMany(alternatives => alternatives).ToHashSet(StringComparer.Ordinal);
            foreach (var (provider, provided) in _installed)
            {
                if ((wanted.Contains(provider) || provided.Provides.Any(wanted.Contains)) && found.Add(provider))
                    waiting.Push(provider);
            }
        }

        return found.Except(names);
    }

    /// <summary>Packages and all those whose dependencies would no longer be met without them.</summary>
    public IReadOnlyList<string> WithDependents(IEnumerable<string> names)
    {
        var removed = names.Where(IsInstalled).ToHashSet(StringComparer.Ordinal);
        bool grew;
        do
        {
            grew = false;
            var all = Names(_ => true);
            var rest = Names(name => !removed.Contains(name));
            foreach (var (name, entry) in _installed.Where(pair => !removed.Contains(pair.Key)).ToArray())
                grew |= entry.Dependencies.Any(group => group.Any(all.Contains) && !group.Any(rest.Contains)) && removed.Add(name);
        }
        while (grew);

        return [.. removed.Order(StringComparer.Ordinal)];
    }

    private HashSet<string> Names(Func<string, bool> filter) => _installed
        .Where(pair => filter(pair.Key))
        .SelectMany(pair => pair.Value.Provides.Prepend(pair.Key))
        .ToHashSet(StringComparer.Ordinal);

    private void Add(Dictionary<string, string> fields)
    {
        if (!fields.TryGetValue("Package", out var name) || !fields.TryGetValue("Status", out var status))
            return;

        if (status.EndsWith(" installed", StringComparison.Ordinal))
        {
            _installed[name] = new(
                fields.GetValueOrDefault("Version", ""),
                fields.GetValueOrDefault("Essential") == "yes" || fields.GetValueOrDefault("Protected") == "yes",
                [.. Relations(fields, "Depends"), .. Relations(fields, "Pre-Depends")],
                [.. Relations(fields, "Recommends")],
                [.. Relations(fields, "Provides").SelectMany(group => group)]);
        }
        else if (!status.EndsWith(" config-files", StringComparison.Ordinal) && !status.EndsWith(" not-installed", StringComparison.Ordinal))
        {
            Broken.Add(name);
        }
    }

    private static Dictionary<string, string> ParseFields(string paragraph)
    {
        var fields = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var line in paragraph.Split('\n'))
        {
            if (line.Length > 0 && line[0] is not (' ' or '\t') && line.IndexOf(':', StringComparison.Ordinal) is > 0 and var colon)
                fields[line[..colon]] = line[(colon + 1)..].Trim();
        }

        return fields;
    }

    // "a (>= 1) | b:any, c" is [[a, b], [c]]. Versions are left out: what is installed together fits together.
    private static IEnumerable<string[]> Relations(Dictionary<string, string> fields, string field) =>
        fields.GetValueOrDefault(field, "").Split(',', StringSplitOptions.RemoveEmptyEntries)
            .Select(group => group.Split('|').Select(one => one.Trim().Split(' ', ':', '(')[0]).ToArray());

    private sealed record Entry(string Version, bool Essential, IReadOnlyList<string[]> Dependencies, IReadOnlyList<string[]> Recommendations, IReadOnlyList<string> Provides);
}
