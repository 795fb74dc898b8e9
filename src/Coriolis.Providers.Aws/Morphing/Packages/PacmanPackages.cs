namespace Coriolis.Providers.Aws.Morphing.Packages;

/// <summary>Packages of Arch.</summary>
internal sealed class PacmanPackages(IGuestRoot guest) : IGuestPackages
{
    public async Task<RemovalPlan> PlanRemovalAsync(IReadOnlyCollection<string> names, CancellationToken cancellationToken)
    {
        var query = await RunAsync(["--query", "--quiet", .. names], cancellationToken).ConfigureAwait(false);
        var installed = Lines(query.Output);
        if (installed.Length == 0)
            return new([]);

        var result = await RunAsync(["--remove", "--cascade", "--print", "--print-format", "%n", .. installed], cancellationToken).ConfigureAwait(false);
        return result.ExitCode == 0
            ? ProtectedPackages.Judge(Lines(result.Output))
            : new(installed, $"pacman refuses it: {result.Error.Trim()}");
    }

    public async Task RemoveAsync(RemovalPlan plan, CancellationToken cancellationToken)
    {
        var orphans = await ListOrphansAsync(cancellationToken).ConfigureAwait(false);
        var result = await RunAsync(["--remove", "--cascade", "--nosave", "--noconfirm", .. plan.Packages], cancellationToken).ConfigureAwait(false);
        if (result.ExitCode != 0)
            throw PackageFailure.CannotRemove("pacman", plan, result);

        // What was only installed for cloud-init would go when the owner removes what nothing needs.
        string[] kept = [.. (await ListOrphansAsync(cancellationToken).ConfigureAwait(false)).Except(orphans).Where(ProtectedPackages.Contains)];
        if (kept.Length > 0)
            await RunAsync(["--database", "--asexplicit", .. kept], cancellationToken).ConfigureAwait(false);
    }

    private async Task<string[]> ListOrphansAsync(CancellationToken cancellationToken) =>
        Lines((await RunAsync(["--query", "--quiet", "--deps", "--unrequired"], cancellationToken).ConfigureAwait(false)).Output);

    private static string[] Lines(string output) => output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    private Task<GuestCommandResult> RunAsync(IReadOnlyList<string> arguments, CancellationToken cancellationToken) =>
        guest.RunAsync(new() { Program = "pacman", Arguments = arguments }, cancellationToken);
}
