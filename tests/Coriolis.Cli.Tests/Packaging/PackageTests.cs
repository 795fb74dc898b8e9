using System.IO.Compression;
using System.Xml.Linq;

namespace Coriolis.Cli.Tests.Packaging;

/// <summary>The packages that the solution makes, looked at as their users get them.</summary>
public sealed class PackageTests
{
    private static readonly string[] s_libraries =
    [
        "Coriolis.Aws.Emulator",
        "Coriolis.Destinations",
        "Coriolis.Providers.Abstractions",
        "Coriolis.Providers.Aws",
        "Coriolis.Replication",
    ];

    [TestCaseSource(nameof(s_libraries))]
    public void Package_OfALibrary_HoldsAssemblyDocumentationAndReadme(string id)
    {
        using var package = PackedSolution.Open(id, "nupkg");

        var names = package.Entries.Select(entry => entry.FullName).ToList();
        Assert.That(names, Is.SupersetOf((string[])[$"lib/net10.0/{id}.dll", $"lib/net10.0/{id}.xml", "README.md"]));
        Assert.That(names.Where(name => name.StartsWith("lib/", StringComparison.Ordinal)), Has.Exactly(2).Items);
    }

    [TestCaseSource(nameof(s_libraries))]
    public void Package_OfALibrary_HasASymbolPackageBesideIt(string id)
    {
        using var package = PackedSolution.Open(id, "snupkg");

        Assert.That(package.Entries.Select(entry => entry.FullName), Has.Member($"lib/net10.0/{id}.pdb"));
    }

    [Test]
    public void Package_OfTheTool_NamesTheCommand()
    {
        using var package = PackedSolution.Open("Coriolis.Cli", "nupkg");

        var settings = XDocument.Load(package.GetEntry("tools/net10.0/any/DotnetToolSettings.xml")!.Open());
        Assert.That(settings.Descendants("Command").Single().Attribute("Name")!.Value, Is.EqualTo("coriolis-aws"));
        Assert.That(package.GetEntry("tools/net10.0/any/coriolis-aws.dll"), Is.Not.Null);
    }

    [TestCase("linux-x64", 62)]
    [TestCase("linux-arm64", 183)]
    public void Package_OfTheProvider_HoldsTheAgentForEachArchitecture(string runtime, int machine)
    {
        using var package = PackedSolution.Open("Coriolis.Providers.Aws");

        // The header of an ELF file names the machine that it is for in its nineteenth byte.
        var header = new byte[20];
        using var agent = package.GetEntry($"agent/{runtime}/coriolis-worker")!.Open();
        agent.ReadExactly(header);
        Assert.That(header[..4], Is.EqualTo("\u007fELF"u8.ToArray()));
        Assert.That(header[18], Is.EqualTo(machine));
    }

    [Test]
    public void Packages_All_StateLicenceReadmeAndDescription()
    {
        Assert.Multiple(() =>
        {
            foreach (var file in Directory.EnumerateFiles(PackedSolution.Folder, "*.nupkg"))
            {
                var metadata = ReadMetadata(file);
                Assert.That(Value(metadata, "license"), Is.EqualTo("Apache-2.0"), file);
                Assert.That(Value(metadata, "readme"), Is.EqualTo("README.md"), file);
                Assert.That(Value(metadata, "description"), Does.EndWith("."), file);
            }
        });
    }

    [Test]
    public void Packages_All_DependOnNoExactOrBoundedVersion()
    {
        var versions =
            from file in Directory.EnumerateFiles(PackedSolution.Folder, "*.nupkg")
            from dependency in ReadMetadata(file).Descendants()
            where dependency.Name.LocalName == "dependency"
            select dependency.Attribute("version")!.Value;

        Assert.That(versions, Is.Not.Empty.And.None.Contains("[").And.None.Contains(")"));
    }

    [Test]
    public void Packages_All_HaveAReadmeWithInstallationAndLimits()
    {
        Assert.Multiple(() =>
        {
            foreach (var id in s_libraries.Append("Coriolis.Cli"))
            {
                using var package = PackedSolution.Open(id, "nupkg");
                using var reader = new StreamReader(package.GetEntry("README.md")!.Open());
                Assert.That(reader.ReadToEnd(), Does.StartWith($"# {id}\n").And.Contain("## Install").And.Contain("## Limits"), id);
            }
        });
    }

    private static string? Value(XElement metadata, string name) =>
        metadata.Elements().SingleOrDefault(element => element.Name.LocalName == name)?.Value;

    private static XElement ReadMetadata(string file)
    {
        using var package = ZipFile.OpenRead(file);
        var nuspec = package.Entries.Single(entry => entry.FullName.EndsWith(".nuspec", StringComparison.Ordinal));
        return XDocument.Load(nuspec.Open()).Root!.Elements().Single();
    }
}
