namespace Coriolis.Cli.Tests;

/// <summary>The source tree that the tests were built from.</summary>
internal static class Repository
{
    private const string Solution = "Coriolis.Providers.Aws.sln";

    public static string Root { get; } = Find(AppContext.BaseDirectory);

    private static string Find(string folder) =>
        File.Exists(Path.Combine(folder, Solution)) ? folder : Find(Path.GetDirectoryName(folder.TrimEnd(Path.DirectorySeparatorChar))!);
}
