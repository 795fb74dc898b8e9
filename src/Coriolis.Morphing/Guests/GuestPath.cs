namespace Coriolis.Morphing.Guests;

/// <summary>Absolute paths inside a guest.</summary>
internal static class GuestPath
{
    /// <summary>The components of an absolute path; <c>.</c> is dropped and <c>..</c> refused.</summary>
    public static string[] Split(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (path[0] != '/' || path.Contains('\0', StringComparison.Ordinal))
            throw new ArgumentException($"{path} is not an absolute path.", nameof(path));

        var parts = path.Split('/', StringSplitOptions.RemoveEmptyEntries).Where(part => part != ".").ToArray();
        return parts.Contains("..") ? throw new ArgumentException($"{path} has a component '..'.", nameof(path)) : parts;
    }

    public static (string Directory, string Name) SplitLast(string path) =>
        Split(path) is [.. var directory, var name]
            ? ("/" + string.Join('/', directory), name)
            : throw new ArgumentException("The root directory itself cannot be changed.", nameof(path));

    public static string Join(string directory, string name) => directory.EndsWith('/') ? directory + name : $"{directory}/{name}";
}
