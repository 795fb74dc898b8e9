using System.Text.RegularExpressions;

namespace Coriolis.Cli.Tests.Packaging;

/// <summary>
/// A project outside the tree that gets our packages from a folder, with the program of the repository's README. Other packages come from where the
/// machine has them.
/// </summary>
internal sealed partial class OutsideProject : IDisposable
{
    private const string Usings = """
        using Coriolis.Destinations;
        using Coriolis.Providers;
        using Coriolis.Providers.Aws;
        using Coriolis.Replication;
        using Microsoft.Extensions.DependencyInjection;
        using Microsoft.Extensions.Hosting;


        """;

    private readonly TemporaryFolder _folder = new();

    /// <summary>The packages that were installed, apart from those of the machine, so that no other build of ours is in the way.</summary>
    public string Packages => _folder["packages"];

    /// <summary>What the project was built to.</summary>
    public string Output => _folder["out"];

    public static async Task<OutsideProject> BuildAsync()
    {
        var project = new OutsideProject();
        try
        {
            await File.WriteAllTextAsync(project._folder["nuget.config"], $"""
                <configuration>
                  <packageSources><add key="packed" value="{PackedSolution.Folder}" /></packageSources>
                  <packageSourceMapping>
                    <packageSource key="packed"><package pattern="Coriolis.*" /></packageSource>
                    <packageSource key="nuget.org"><package pattern="*" /></packageSource>
                  </packageSourceMapping>
                </configuration>
                """);
            await File.WriteAllTextAsync(project._folder["Host.csproj"], $"""
                <Project Sdk="Microsoft.NET.Sdk">
                  <PropertyGroup>
                    <OutputType>Exe</OutputType>
                    <TargetFramework>net10.0</TargetFramework>
                    <ImplicitUsings>enable</ImplicitUsings>
                    <Nullable>enable</Nullable>
                    <TreatWarningsAsErrors>true</TreatWarningsAsErrors>
                    <RestoreFallbackFolders>{MachinePackages}</RestoreFallbackFolders>
                  </PropertyGroup>
                  <ItemGroup>
                    <PackageReference Include="Microsoft.Extensions.Hosting" Version="{HostingVersion()}" />
                {string.Concat(((string[])["Coriolis.Providers.Aws", "Coriolis.Replication", "Coriolis.Destinations"]).Select(static id =>
                    $"""    <PackageReference Include="{id}" Version="{PackedSolution.VersionOf(id)}" />{"\n"}"""))}
                  </ItemGroup>
                </Project>
                """);
            await File.WriteAllTextAsync(project._folder["Program.cs"], Usings + Adapt(ReadConsoleHost()));
            using var build = new ChildProcess(
                "dotnet",
                ["build", project._folder["Host.csproj"], "--nologo", "-c", "Release", "-o", project.Output],
                new Dictionary<string, string> { ["NUGET_PACKAGES"] = project.Packages });
            var run = await build.WaitAsync(CancellationToken.None);
            Assert.That(run.ExitCode, Is.Zero, run.Output + run.Error);
            return project;
        }
        catch
        {
            project.Dispose();
            throw;
        }
    }

    public async Task<CliRun> RunAsync(IReadOnlyDictionary<string, string> environment, CancellationToken cancellationToken)
    {
        using var process = new ChildProcess("dotnet", [Path.Combine(Output, "Host.dll")], environment);
        return await process.WaitAsync(cancellationToken);
    }

    public void Dispose() => _folder.Dispose();

    private static string MachinePackages => Environment.GetEnvironmentVariable("NUGET_PACKAGES")
        ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");

    private static string ReadConsoleHost() => ConsoleHost().Match(File.ReadAllText(Path.Combine(Repository.Root, "README.md"))).Groups["code"].Value;

    // The text is used as it stands but for the places, and for settings that a worker in a test needs.
    private static string Adapt(string code) => code
        .Replace("\"/replicas\"", Variable("REPLICAS"), StringComparison.Ordinal)
        .Replace("\"/var/lib/coriolis\"", Variable("STATE"), StringComparison.Ordinal)
        .Replace("aws.UseConnection(", $"aws.UseSourceEnvironment({Variable("SOURCE_ENVIRONMENT")}).UseConnection(", StringComparison.Ordinal);

    private static string Variable(string name) => $"Environment.GetEnvironmentVariable(\"{name}\")!";

    private static string HostingVersion() => HostingPackage().Match(File.ReadAllText(Path.Combine(Repository.Root, "src", "Directory.Packages.props"))).Groups["version"].Value;

    [GeneratedRegex(@"<!-- snippet: console-host -->\n```csharp\n(?<code>.*?)```", RegexOptions.Singleline)]
    private static partial Regex ConsoleHost();

    [GeneratedRegex(@"Include=""Microsoft\.Extensions\.Hosting"" Version=""(?<version>[^""]+)""")]
    private static partial Regex HostingPackage();
}
