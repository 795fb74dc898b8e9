using System.Globalization;
using System.Text.RegularExpressions;
using Amazon.EC2.Model;

namespace Coriolis.Providers.Aws.Workers;

/// <summary>A version of Windows Server, as the names of images have it.</summary>
internal sealed partial record WindowsVersion(int Year, bool IsR2) : IComparable<WindowsVersion>
{
    /// <summary>The version in the name of an image, else in its description; null when neither says.</summary>
    public static WindowsVersion? Of(Image image) => Parse(image.Name) ?? Parse(image.Description);

    public int CompareTo(WindowsVersion? other) => other is null ? 1 : (Year, IsR2).CompareTo((other.Year, other.IsR2));

    public override string ToString() => $"Windows Server {Year}{(IsR2 ? " R2" : "")}";

    private static WindowsVersion? Parse(string? text) => Pattern().Match(text ?? "") is { Success: true } match
        ? new WindowsVersion(int.Parse(match.Groups["year"].Value, CultureInfo.InvariantCulture), match.Groups["r2"].Success)
        : null;

    // Windows_Server-2012-R2_RTM-English-64Bit-Base-2026.07.15; Microsoft Windows Server 2022 Full Locale English AMI.
    [GeneratedRegex(@"Windows[ _-]?Server[ _-]?(?<year>20\d\d)(?<r2>[ _-]?R2)?", RegexOptions.IgnoreCase)]
    private static partial Regex Pattern();
}
