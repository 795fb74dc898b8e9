using System.Globalization;

namespace Coriolis.Worker;

/// <summary>Reads attributes that the kernel may or may not have; a device may vanish while it is being described.</summary>
internal static class Sysfs
{
    public static string ReadText(string directory, string name)
    {
        try
        {
            return File.ReadAllText(Path.Combine(directory, name)).Trim('\0', ' ', '\n', '\t');
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }

    public static long ReadNumber(string directory, string name) =>
        long.TryParse(ReadText(directory, name), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : 0;

    public static IEnumerable<string> ListDirectories(string directory)
    {
        try
        {
            return Directory.GetFileSystemEntries(directory);
        }
        catch (IOException)
        {
            return [];
        }
    }
}
