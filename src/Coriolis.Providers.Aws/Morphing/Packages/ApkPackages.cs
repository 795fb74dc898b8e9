using System.Text.RegularExpressions;

namespace Coriolis.Providers.Aws.Morphing.Packages;

/// <summary>Packages of Alpine.</summary>
internal sealed partial class ApkPackages(IGuestRoot guest) : IGuestPackages
{
    public async Task<RemovalPlan> PlanRemovalAsync(IReadOnlyCollection<string> names, CancellationToken cancellationToken)
    {
        var installed = new List<string>();
        foreach (var name in names)
        {
            if ((await RunAsync(["info", "--installed", name], cancellationToken).ConfigureAwait(false)).ExitCode == 0)
                installed.Add(name);
        }

        if (installed.Count == 0)
            return new([]);

        var all = await SimulateAsync(["--rdepends"], installed, cancellationToken).ConfigureAwait(false);
        if (!installed.All(all.Purged.Contains))
            return new(installed, $"apk refuses it: {all.Problem}");

        // Without --rdepends, apk keeps what another package needs. So if all these go alone, what the guest needs is not among
        // those that need them, but only among those that they needed: that may stay.
        string[] packages = [.. all.Purged.Where(name => !ProtectedPackages.Contains(name))];
        var alone = await SimulateAsync([], packages, cancellationToken).ConfigureAwait(false);
        return installed.All(packages.Contains) && packages.All(alone.Purged.Contains)
            ? new(packages) { Kept = [.. alone.Purged.Except(packages)] }
            : ProtectedPackages.Judge(all.Purged);
    }

    public async Task RemoveAsync(RemovalPlan plan, CancellationToken cancellationToken)
    {
        // Named in apk's world, a package is no longer there only for another one.
        if (plan.Kept.Count > 0 && await RunAsync(["add", "--no-network", .. plan.Kept], cancellationToken).ConfigureAwait(false) is { ExitCode: not 0 } failure)
            throw PackageFailure.CannotRemove("apk", plan, failure);

        var result = await RunAsync(["del", "--rdepends", "--purge", "--no-network", .. plan.Packages], cancellationToken).ConfigureAwait(false);
        if (result.ExitCode != 0)
            throw PackageFailure.CannotRemove("apk", plan, result);
    }

    private async Task<(string[] Purged, string Problem)> SimulateAsync(
        IReadOnlyList<string> options, IReadOnlyList<string> packages, CancellationToken cancellationToken)
    {
        var result = await RunAsync(["del", "--simulate", "--no-network", .. options, .. packages], cancellationToken).ConfigureAwait(false);
        string[] purged = result.ExitCode == 0 ? [.. Purging().Matches(result.Output).Select(match => match.Groups["package"].Value)] : [];
        return (purged, (result.Error + result.Output).Trim());
    }

    private Task<GuestCommandResult> RunAsync(IReadOnlyList<string> arguments, CancellationToken cancellationToken) =>
        guest.RunAsync(new() { Program = "apk", Arguments = arguments }, cancellationToken);

    [GeneratedRegex(@"^\(\s*\d+/\d+\) Purging (?<package>\S+)", RegexOptions.Multiline)]
    private static partial Regex Purging();
}
