using System.Globalization;

namespace Coriolis.Cli;

/// <summary>Values as the tool writes them.</summary>
internal static class Words
{
    public static string Lower<TEnum>(TEnum value)
        where TEnum : struct, Enum => value.ToString().ToLowerInvariant();

    public static string Seconds(TimeSpan duration) =>
        string.Create(CultureInfo.InvariantCulture, $"{duration.TotalSeconds:0.0} s");

    /// <summary>A duration in one unit; empty when it is not known.</summary>
    public static string About(TimeSpan? duration) => duration?.TotalSeconds switch
    {
        null => string.Empty,
        < 120 and var seconds => string.Create(CultureInfo.InvariantCulture, $"{seconds:0} s"),
        < 7200 and var seconds => string.Create(CultureInfo.InvariantCulture, $"{seconds / 60:0} min"),
        < 172_800 and var seconds => string.Create(CultureInfo.InvariantCulture, $"{seconds / 3600:0} h"),
        var seconds => string.Create(CultureInfo.InvariantCulture, $"{seconds / 86_400:0} d"),
    };

    public static string Count(int number, string noun) => number == 1 ? $"1 {noun}" : $"{number} {noun}s";
}
