using System.Reflection;
using System.Runtime.CompilerServices;

namespace Coriolis.Architecture.Tests;

/// <summary>The assemblies and the source tree that the rules look at.</summary>
internal static class Product
{
    public static readonly string[] PackageNames =
    [
        "Coriolis.Providers.Abstractions",
        "Coriolis.Replication",
        "Coriolis.Destinations",
        "Coriolis.Morphing",
        "Coriolis.Providers.Aws",
        "Coriolis.Aws.Emulator",
    ];

    public static IEnumerable<Assembly> Packages => PackageNames.Select(Assembly.Load);

    public static IEnumerable<Assembly> All => Packages.Append(Assembly.Load("coriolis-aws"));

    public static IEnumerable<Type> OwnTypes(Assembly assembly) =>
        assembly.GetTypes().Where(type => type.Namespace?.StartsWith("Coriolis", StringComparison.Ordinal) == true
            && !type.IsDefined(typeof(CompilerGeneratedAttribute), inherit: false)
            && !type.Name.Contains('<', StringComparison.Ordinal));

    // Not the compiler's path: a deterministic build maps that away.
    public static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder.GetFiles("*.sln").Length == 0)
        {
            folder = folder.Parent ?? throw new InvalidOperationException("The tests run outside the source tree.");
        }

        return folder.FullName;
    }

    public static IEnumerable<string> SourceFiles(string folder) =>
        Directory.EnumerateFiles(Path.Combine(Root(), folder), "*.cs", SearchOption.AllDirectories)
            .Where(file => !file.Split(Path.DirectorySeparatorChar).Any(part => part is "obj" or "bin" or "artifacts"));
}
