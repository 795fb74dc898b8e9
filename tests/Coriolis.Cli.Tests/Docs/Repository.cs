namespace Coriolis.Cli.Tests;

/// <summary>The source tree that the tests were built from.</summary>
internal static class Repository
{
    private const string Solution = "Coriolis.Providers.Aws.sln";

    public static string Root { get; } = Find(AppContext.BaseDirectory);

    /// <summary>The documents of the project, relative to <see cref="Root"/>.</summary>
    public static IEnumerable<string> Documents =>
        Directory.EnumerateFiles(Root, "*.md")
            .Concat(Files("docs", "*.md"))
            .Concat(Files("src", "README.md"))
            .Select(file => Path.GetRelativePath(Root, file));

    public static IEnumerable<string> Files(string folder, string pattern) =>
        Directory.EnumerateFiles(Path.Combine(Root, folder), pattern, SearchOption.AllDirectories);

    private static string Find(string folder) =>
        File.Exists(Path.Combine(folder, Solution)) ? folder : Find(Path.GetDirectoryName(folder.TrimEnd(Path.DirectorySeparatorChar))!);
}
