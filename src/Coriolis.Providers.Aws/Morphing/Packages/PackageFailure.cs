namespace Coriolis.Providers.Aws.Morphing.Packages;

/// <summary>What to say when a package manager that had agreed to a removal fails in the middle of it, mostly because a script of the package does.</summary>
internal static class PackageFailure
{
    public static GuestException CannotRemove(string program, RemovalPlan plan, GuestCommandResult result) =>
        new($"{program} of the guest cannot remove {string.Join(", ", plan.Packages)}: {(result.Error.Trim() is { Length: > 0 } error ? error : result.Output.Trim())}")
        {
            Packages = plan.Packages,
            Remedy = "Repair the package in the running instance, or keep it.",
        };
}
