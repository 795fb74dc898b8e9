namespace Coriolis.Architecture.Tests;

/// <summary>The deliberate breaks of <c>tests/mutations.sh</c> still fit the code, so that the list of what would be noticed cannot rot.</summary>
public sealed class MutationTests
{
    private static readonly string[] s_fields = ["Invariant: ", "Break: ", "Project: ", "Tests: "];

    private static IEnumerable<string> Names => Directory.EnumerateFiles(Path.Combine(Product.Root(), "tests", "Mutations"), "*.patch")
        .Select(file => Path.GetFileNameWithoutExtension(file)!)
        .Order(StringComparer.Ordinal);

    [TestCaseSource(nameof(Names))]
    public void Patch_OnTheTree_AppliesAndNamesTestsThatExist(string name)
    {
        var lines = File.ReadAllLines(PathOf(name));
        var header = s_fields.ToDictionary(field => field, field => lines.Single(line => line.StartsWith(field, StringComparison.Ordinal))[field.Length..]);
        var project = Path.Combine(Product.Root(), "tests", header["Project: "]);
        var sources = Directory.EnumerateFiles(project, "*.cs", SearchOption.AllDirectories).Select(File.ReadAllText).ToList();

        Assert.Multiple(() =>
        {
            foreach (var test in header["Tests: "].Split(' ').SelectMany(test => test.Split('.')))
            {
                Assert.That(sources.Exists(source => source.Contains(test, StringComparison.Ordinal)), $"{header["Project: "]} has no {test}");
            }

            foreach (var (file, before) in Hunks(lines))
            {
                var text = File.ReadAllText(Path.Combine(Product.Root(), file));
                Assert.That(Count(text, before), Is.Positive, $"how often {file} contains\n{before}");
            }

            Assert.That(Hunks(lines), Is.Not.Empty);
        });
    }

    [Test]
    public void Patches_Together_BreakEveryInvariant()
    {
        var invariants = Numbers("architecture.md", "## Invariants")
            .Concat(Numbers("morphing.md", "## Promises").Select(number => $"M{number}"));

        var broken = Names.Select(name => File.ReadLines(PathOf(name)).First()["Invariant: ".Length..]).Distinct();

        Assert.That(broken, Is.EquivalentTo(invariants));
    }

    [Test]
    public void Document_OfReliability_ListsEveryPatch()
    {
        var document = File.ReadAllText(Path.Combine(Product.Root(), "docs", "reliability.md"));

        Assert.That(Names.Where(name => !document.Contains($"`{name}`", StringComparison.Ordinal)), Is.Empty);
    }

    /// <summary>The numbers of a list in a document's section.</summary>
    private static IEnumerable<string> Numbers(string document, string heading) => File.ReadLines(Path.Combine(Product.Root(), "docs", document))
        .SkipWhile(line => line != heading)
        .Skip(1)
        .TakeWhile(line => !line.StartsWith("## ", StringComparison.Ordinal))
        .Where(line => line.Length > 2 && char.IsAsciiDigit(line[0]))
        .Select(line => line[..line.IndexOf('.', StringComparison.Ordinal)]);

    private static string PathOf(string name) => Path.Combine(Product.Root(), "tests", "Mutations", name + ".patch");

    private static int Count(string text, string part) => text.Split(part).Length - 1;

    /// <summary>What each hunk of a patch expects to find, with the file.</summary>
    private static IEnumerable<(string File, string Before)> Hunks(string[] lines)
    {
        var file = "";
        for (var i = 0; i < lines.Length; i++)
        {
            if (lines[i].StartsWith("--- a/", StringComparison.Ordinal))
            {
                file = lines[i]["--- a/".Length..];
            }
            else if (lines[i].StartsWith("@@", StringComparison.Ordinal))
            {
                var hunk = lines.Skip(i + 1).TakeWhile(line => line.Length > 0 && line[0] is ' ' or '-' or '+' && !line.StartsWith("--- a/", StringComparison.Ordinal));
                yield return (file, string.Concat(hunk.Where(line => line[0] is ' ' or '-').Select(line => line[1..] + "\n")));
            }
        }
    }
}
