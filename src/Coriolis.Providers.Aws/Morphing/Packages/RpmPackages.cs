using System.Text.RegularExpressions;

namespace Coriolis.Providers.Aws.Morphing.Packages;

/// <summary>Packages of Red Hat, Amazon, SUSE and their derivatives. rpm(8) alone needs no repository, unlike dnf, yum and zypper.</summary>
internal sealed partial class RpmPackages(IGuestRoot guest) : IGuestPackages
{
    // A chain of dependents longer than this ends in something that must stay anyway.
    private const int MaxRounds = 50;

    private static readonly string[] s_protectedFolders = ["/etc/dnf/protected.d", "/etc/yum/protected.d"];

    public async Task<RemovalPlan> PlanRemovalAsync(IReadOnlyCollection<string> names, CancellationToken cancellationToken)
    {
        var packages = new SortedSet<string>(await QueryAsync(names, cancellationToken).ConfigureAwait(false), StringComparer.Ordinal);
        for (var round = 0; round < MaxRounds && packages.Count > 0; round++)
        {
            var result = await RunAsync(["--erase", "--test", "--allmatches", .. packages], cancellationToken).ConfigureAwait(false);
            if (result.ExitCode == 0)
                return ProtectedPackages.Judge([.. packages], (await ReadProtectedAsync(cancellationToken).ConfigureAwait(false)).Contains);

            var dependents = NeededBy().Matches(result.Error).Select(match => match.Groups["package"].Value).Distinct();
            var count = packages.Count;
            packages.UnionWith(await QueryAsync([.. dependents], cancellationToken).ConfigureAwait(false));
            if (packages.Count == count)
                return new([.. packages], $"rpm refuses it: {result.Error.Trim()}");
        }

        return packages.Count == 0 ? new([]) : new([.. packages], "too many packages need it");
    }

    public async Task RemoveAsync(RemovalPlan plan, CancellationToken cancellationToken)
    {
        var result = await RunAsync(["--erase", "--allmatches", .. plan.Packages], cancellationToken).ConfigureAwait(false);
        if (result.ExitCode != 0)
            throw PackageFailure.CannotRemove("rpm", plan, result);
    }

    // The answer for a package that is not installed has spaces; names have none. No answer at all is none of either.
    private async Task<IEnumerable<string>> QueryAsync(IReadOnlyCollection<string> names, CancellationToken cancellationToken)
    {
        if (names.Count == 0)
            return [];

        var result = await RunAsync(["--query", "--queryformat", "%{NAME}\\n", .. names], cancellationToken).ConfigureAwait(false);
        if (result.Output.Length == 0 || result.Error.Contains("error:", StringComparison.Ordinal))
            throw new GuestException($"rpm reports (exit code {result.ExitCode}): {result.Error.Trim()}");

        return result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(line => !line.Contains(' ', StringComparison.Ordinal));
    }

    private async Task<HashSet<string>> ReadProtectedAsync(CancellationToken cancellationToken)
    {
        var editor = new GuestEditor(guest);
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var folder in s_protectedFolders)
        {
            foreach (var file in await editor.ListAsync(folder, cancellationToken, ".conf").ConfigureAwait(false))
                names.UnionWith((await editor.ReadTextAsync(file, cancellationToken).ConfigureAwait(false) ?? "").Split('\n').Select(line => line.Trim()));
        }

        return names;
    }

    private Task<GuestCommandResult> RunAsync(IReadOnlyList<string> arguments, CancellationToken cancellationToken) =>
        guest.RunAsync(new() { Program = "rpm", Arguments = arguments }, cancellationToken);

    [GeneratedRegex(@"is needed by \(installed\) (?<package>\S+)")]
    private static partial Regex NeededBy();
}
