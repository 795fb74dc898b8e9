using System.Text;

namespace Coriolis.Storage;

/// <summary>The file <c>DISK.morphed</c> beside an image: its guest was changed in place, so it is no copy of its source any more.</summary>
internal static class MorphedMarker
{
    public static bool IsSet(string disk) => File.Exists(PathFor(disk));

    /// <summary>The report that undoes the change.</summary>
    public static string ReadReportPath(string disk) => Encoding.UTF8.GetString(DurableFile.ReadAllBytes(PathFor(disk))).Trim();

    public static void Set(string disk, string reportPath) => DurableFile.Write(PathFor(disk), Encoding.UTF8.GetBytes(reportPath + "\n"));

    public static void Clear(string disk) => File.Delete(PathFor(disk));

    public static string PathFor(string disk) => disk + ".morphed";
}
