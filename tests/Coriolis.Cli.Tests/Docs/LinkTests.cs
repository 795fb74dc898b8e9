using System.Text.RegularExpressions;

namespace Coriolis.Cli.Tests;

/// <summary>Every relative link in the documents leads to a file, and to a heading when it names one.</summary>
public sealed partial class LinkTests
{
    private static IEnumerable<string> Documents() => Repository.Documents;

    [TestCaseSource(nameof(Documents))]
    public void Document_EveryRelativeLink_LeadsSomewhere(string document)
    {
        var file = Path.Combine(Repository.Root, document);
        var broken = Link().Matches(WithoutCode(File.ReadAllText(file)))
            .Select(match => match.Groups["target"].Value)
            .Where(target => !target.Contains("://", StringComparison.Ordinal) && !Exists(file, target));

        Assert.That(broken, Is.Empty);
    }

    private static bool Exists(string document, string target)
    {
        var parts = target.Split('#', 2);
        var path = parts[0].Length == 0 ? document : Path.Combine(Path.GetDirectoryName(document)!, parts[0]);
        return parts.Length == 1
            ? Path.Exists(path)
            : File.Exists(path) && Heading().Matches(WithoutCode(File.ReadAllText(path))).Any(match => Anchor(match.Groups["text"].Value) == parts[1]);
    }

    private static string Anchor(string heading) =>
        NotInAnchors().Replace(heading.Trim().ToLowerInvariant(), string.Empty).Replace(' ', '-');

    private static string WithoutCode(string text) => CodeBlock().Replace(text, string.Empty);

    [GeneratedRegex(@"\]\((?<target>[^)\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"^#+ (?<text>.+)$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex(@"[^\w\- ]")]
    private static partial Regex NotInAnchors();

    [GeneratedRegex(@"^```.*?^```", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex CodeBlock();
}
