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
        var result = await RunAsync(["--remove", "--cascade", "--nosave", "--noconfirm", .. plan.Packages], cancellationToken).ConfigureAwait(false);
        if (result.ExitCode != 0)
            throw PackageFailure.CannotRemove("pacman", plan, result);
    }

    private static string[] Lines(string output) => output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    private Task<GuestCommandResult> RunAsync(IReadOnlyList<string> arguments, CancellationToken cancellationToken) =>
        guest.RunAsync(new() { Program = "pacman", Arguments = arguments }, cancellationToken);
}
