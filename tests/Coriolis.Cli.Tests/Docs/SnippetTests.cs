using System.Text.RegularExpressions;

namespace Coriolis.Cli.Tests;

/// <summary>Every piece of C# in the documents is compiled: it is a marked part of tests/Coriolis.Docs.Snippets.</summary>
public sealed partial class SnippetTests
{
    private static IEnumerable<string> Documents() => Repository.Documents;

    [TestCaseSource(nameof(Documents))]
    public void Document_EveryPieceOfCSharp_EqualsTheCompiledSource(string document)
    {
        var compiled = ReadSnippets();
        var text = File.ReadAllText(Path.Combine(Repository.Root, document));

        Assert.Multiple(() =>
        {
            foreach (Match block in CodeBlock().Matches(text))
            {
                var name = block.Groups["name"].Value;
                Assert.That(compiled, Contains.Key(name), $"The block has no <!-- snippet: name --> above it: {block.Groups["code"].Value}");
                Assert.That(block.Groups["code"].Value, Is.EqualTo(compiled.GetValueOrDefault(name)), name);
            }
        });
    }

    [Test]
    public void Readme_TheConsoleHost_HasAtMostTwentyLines()
    {
        var lines = ReadSnippets()["console-host"].Split('\n', StringSplitOptions.RemoveEmptyEntries);

        Assert.That(lines, Has.Length.LessThanOrEqualTo(20));
    }

    private static Dictionary<string, string> ReadSnippets() =>
        Repository.Files("tests/Coriolis.Docs.Snippets", "*.cs")
            .Where(file => !file.Contains("/obj/", StringComparison.Ordinal))
            .SelectMany(file => Snippet().Matches(File.ReadAllText(file)))
            .ToDictionary(match => match.Groups["name"].Value, match => Unindent(match.Groups["code"].Value));

    private static string Unindent(string code)
    {
        var lines = code.TrimEnd().Split('\n');
        var indent = lines.Where(line => line.Length > 0).Min(line => line.Length - line.TrimStart().Length);
        return string.Join('\n', lines.Select(line => line.Length > indent ? line[indent..] : string.Empty)) + '\n';
    }

    [GeneratedRegex(@"(?:<!-- snippet: (?<name>[\w-]+) -->\n)?```(?:csharp|cs|c#)\n(?<code>.*?)```", RegexOptions.Singleline)]
    private static partial Regex CodeBlock();

    [GeneratedRegex(@"^ *// snippet: (?<name>[\w-]+)\n(?<code>.*?)^ *// end snippet$", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex Snippet();
}
