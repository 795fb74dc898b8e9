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

        // Without --rdepends, apk keeps a package that another one needs and still reports success.
        var result = await RunAsync(["del", "--simulate", "--rdepends", "--no-network", .. installed], cancellationToken).ConfigureAwait(false);
        string[] purged = [.. Purging().Matches(result.Output).Select(match => match.Groups["package"].Value)];
        return result.ExitCode == 0 && installed.All(purged.Contains)
            ? ProtectedPackages.Judge(purged)
            : new(installed, $"apk refuses it: {(result.Error + result.Output).Trim()}");
    }

    public async Task RemoveAsync(RemovalPlan plan, CancellationToken cancellationToken)
    {
        var result = await RunAsync(["del", "--rdepends", "--purge", "--no-network", .. plan.Packages], cancellationToken).ConfigureAwait(false);
        if (result.ExitCode != 0)
            throw PackageFailure.CannotRemove("apk", plan, result);
    }

    private Task<GuestCommandResult> RunAsync(IReadOnlyList<string> arguments, CancellationToken cancellationToken) =>
        guest.RunAsync(new() { Program = "apk", Arguments = arguments }, cancellationToken);

    [GeneratedRegex(@"^\(\d+/\d+\) Purging (?<package>\S+)", RegexOptions.Multiline)]
    private static partial Regex Purging();
}
