namespace Coriolis.Providers.Aws.Morphing.Packages;

/// <summary>What to say when a package manager that had agreed to a removal fails in the middle of it.</summary>
internal static class PackageFailure
{
    public static GuestException CannotRemove(string program, RemovalPlan plan, GuestCommandResult result) =>
        new($"The guest's {program} cannot remove {string.Join(", ", plan.Packages)}: {result.Error.Trim()}")
        {
            Remedy = "Repair the package in the running instance, or disable cloud-init there.",
        };
}
