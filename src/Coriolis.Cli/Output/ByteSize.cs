using System.Globalization;

namespace Coriolis.Cli;

internal static class ByteSize
{
    private static readonly string[] s_units = ["B", "KiB", "MiB", "GiB", "TiB"];

    /// <summary>A size for people: three or four significant digits and a binary unit.</summary>
    public static string Format(long bytes)
    {
        double value = bytes;
        var unit = 0;
        while (value >= 1024 && unit < s_units.Length - 1)
        {
            value /= 1024;
            unit++;
        }

        var text = value.ToString(unit == 0 || value % 1 == 0 ? "0" : "0.0", CultureInfo.InvariantCulture);
        return $"{text} {s_units[unit]}";
    }
}
