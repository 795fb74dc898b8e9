namespace Coriolis.Providers.Aws.Morphing.Packages;

/// <summary>Packages of Debian, Ubuntu and their derivatives.</summary>
internal sealed class DpkgPackages(IGuestRoot guest) : IGuestPackages
{
    private const int MaxNamed = 5;

    private static readonly Dictionary<string, string> s_environment = new() { ["DEBIAN_FRONTEND"] = "noninteractive" };

    public async Task<RemovalPlan> PlanRemovalAsync(IReadOnlyCollection<string> names, CancellationToken cancellationToken)
    {
        var status = await DpkgStatus.ReadAsync(guest, cancellationToken).ConfigureAwait(false);
        var packages = status.WithDependents(names);
        if (packages.Count == 0)
            return new([]);
        if (status.Broken.Count > 0)
            return new(packages, $"dpkg has unfinished packages: {string.Join(", ", status.Broken.Take(MaxNamed))}");

        var plan = ProtectedPackages.Judge(packages, status.IsEssential);
        return plan.Refusal is null ? plan with { Refusal = await TryPurgeAsync(packages, cancellationToken).ConfigureAwait(false) } : plan;
    }

    public async Task RemoveAsync(RemovalPlan plan, CancellationToken cancellationToken)
    {
        await KeepDependenciesAsync(plan.Packages, cancellationToken).ConfigureAwait(false);
        var result = await PurgeAsync(plan.Packages, simulate: false, cancellationToken).ConfigureAwait(false);
        if (result.ExitCode != 0)
            throw PackageFailure.CannotRemove("dpkg", plan, result);
    }

    private async Task<string?> TryPurgeAsync(IReadOnlyList<string> packages, CancellationToken cancellationToken)
    {
        try
        {
            var result = await PurgeAsync(packages, simulate: true, cancellationToken).ConfigureAwait(false);
            return result.ExitCode == 0 ? null : $"dpkg refuses it: {result.Error.Trim()}";
        }
        catch (GuestException failure)
        {
            return $"dpkg does not run: {failure.Problem}";
        }
    }

    // A simulation is written to the guest's log too, where a second run would change it again.
    private Task<GuestCommandResult> PurgeAsync(IReadOnlyList<string> packages, bool simulate, CancellationToken cancellationToken) =>
        guest.RunAsync(
            new() { Program = "dpkg", Arguments = [.. simulate ? ["--simulate", "--log=/dev/null"] : Array.Empty<string>(), "--purge", .. packages], Environment = s_environment },
            cancellationToken);

    // What was only installed for cloud-init, such as the DHCP client, would go with the guest's next autoremove.
    private async Task KeepDependenciesAsync(IReadOnlyList<string> packages, CancellationToken cancellationToken)
    {
        var status = await DpkgStatus.ReadAsync(guest, cancellationToken).ConfigureAwait(false);
        var kept = status.NeededBy(packages).Where(ProtectedPackages.Contains).Order(StringComparer.Ordinal).ToArray();
        if (kept.Length > 0 && await guest.GetFileAsync("/usr/bin/apt-mark", cancellationToken).ConfigureAwait(false) is not null)
            await guest.RunAsync(new() { Program = "apt-mark", Arguments = ["manual", .. kept], Environment = s_environment }, cancellationToken).ConfigureAwait(false);
    }
}
