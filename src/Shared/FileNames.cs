using System.Buffers;

namespace Coriolis.Storage;

/// <summary>Turns ids into file names that cannot leave their folder.</summary>
internal static class FileNames
{
    // Longer ids would not leave room for the suffixes within the 255 bytes of a file name.
    private const int MaxLength = 128;

    private static readonly SearchValues<char> s_allowed =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.");

    /// <summary>Whether an id consists of letters, digits, <c>-</c>, <c>_</c> and <c>.</c>, and does not start with a dot.</summary>
    public static bool IsSafe(string id) =>
        id.Length is > 0 and <= MaxLength && id[0] != '.' && !id.AsSpan().ContainsAnyExcept(s_allowed);
}
