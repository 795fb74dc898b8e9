using System.Reflection;

namespace Coriolis.Architecture.Tests;

/// <summary>The direction of dependencies that docs/architecture.md draws.</summary>
public sealed class DependencyTests
{
    [TestCase("Coriolis.Providers.Abstractions")]
    [TestCase("Coriolis.Replication", "Coriolis.Providers.Abstractions")]
    [TestCase("Coriolis.Destinations", "Coriolis.Providers.Abstractions")]
    [TestCase("Coriolis.Morphing", "Coriolis.Providers.Abstractions")]
    [TestCase("Coriolis.Providers.Aws", "Coriolis.Providers.Abstractions", "Coriolis.Worker.Protocol")]
    [TestCase("Coriolis.Worker.Protocol")]
    [TestCase("Coriolis.Aws.Emulator")]
    public void References_OfEachPackage_AreOnlyTheAllowedOnes(string package, params string[] allowed)
    {
        var references = Assembly.Load(package).GetReferencedAssemblies().Select(name => name.Name!);

        var own = references.Where(name => name.StartsWith("Coriolis", StringComparison.Ordinal));

        Assert.That(own, Is.SubsetOf(allowed));
    }

    [TestCase("Coriolis.Providers.Abstractions")]
    public void References_OfTheContracts_AreTheBaseClassLibraryOnly(string package)
    {
        var references = Assembly.Load(package).GetReferencedAssemblies().Select(name => name.Name!);

        Assert.That(references, Has.All.StartsWith("System."));
    }

    [TestCase("Coriolis.Morphing")]
    [TestCase("Coriolis.Replication")]
    [TestCase("Coriolis.Destinations")]
    [TestCase("Coriolis.Aws.Emulator")]
    public void References_OutsideTheProvider_NameNoAwsSdk(string package)
    {
        var references = Assembly.Load(package).GetReferencedAssemblies().Select(name => name.Name!);

        Assert.That(references, Has.None.StartsWith("AWSSDK"));
    }
}
