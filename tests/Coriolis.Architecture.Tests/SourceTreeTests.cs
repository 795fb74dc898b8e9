using System.Text.RegularExpressions;

namespace Coriolis.Architecture.Tests;

/// <summary>Rules that the source files keep, so that a stranger finds things where the names say.</summary>
public sealed partial class SourceTreeTests
{
    private const int LineCeiling = 400;

    private static readonly string[] s_kinds = ["Models", "Helpers", "Interfaces", "Utils", "Utilities", "Common", "Managers", "Services"];

    [Test]
    public void Files_InSrc_StayUnderTheCeiling()
    {
        var tooLong = Product.SourceFiles("src").Where(file => File.ReadLines(file).Count() > LineCeiling).Select(Path.GetFileName);

        Assert.That(tooLong, Is.Empty);
    }

    [Test]
    public void Folders_InSrc_AreFeaturesNotKinds()
    {
        var kinds = Product.SourceFiles("src").Select(file => Path.GetFileName(Path.GetDirectoryName(file)!)).Intersect(s_kinds);

        Assert.That(kinds, Is.Empty);
    }

    [Test]
    public void PublicTypes_InSrc_StandInAFileOfTheirName()
    {
        var strays =
            from file in Product.SourceFiles("src")
            from Match match in PublicType().Matches(File.ReadAllText(file))
            let name = match.Groups["name"].Value
            where Path.GetFileName(file).Split('.')[0] != name
            select $"{name} in {Path.GetFileName(file)}";

        Assert.That(strays, Is.Empty);
    }

    [TestCase("src")]
    [TestCase("tests")]
    public void Code_Everywhere_HasNoLeftovers(string folder)
    {
        var leftovers =
            from file in Product.SourceFiles(folder)
            where !file.EndsWith("SourceTreeTests.cs", StringComparison.Ordinal)
            from line in File.ReadLines(file)
            where Leftover().IsMatch(line)
            select $"{Path.GetFileName(file)}: {line.Trim()}";

        Assert.That(leftovers, Is.Empty);
    }

    [GeneratedRegex(@"^public (?:(?:sealed|static|abstract|partial|readonly|unsafe) )*(?:class|interface|enum|struct|record(?: struct| class)?) (?<name>\w+)", RegexOptions.Multiline)]
    private static partial Regex PublicType();

    [GeneratedRegex(@"\b(TODO|FIXME|HACK)\b|NotImplementedException|#region|Thread\.Sleep|Assert\.(Pass|Inconclusive)\b|\[Ignore")]
    private static partial Regex Leftover();
}
