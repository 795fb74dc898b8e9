using System.Text.RegularExpressions;
using Coriolis.Aws.Emulator.Matching;
using CsCheck;

namespace Coriolis.Aws.Emulator.Tests.Matching;

internal sealed class WildcardTests
{
    [TestCase("web-*", "web-1", true)]
    [TestCase("web-*", "Web-1", false)]
    [TestCase("*a*b", "xaybxab", true)]
    [TestCase("w?b", "wb", false)]
    [TestCase(@"\*", "*", true)]
    [TestCase(@"\*", "x", false)]
    [TestCase(@"\?", "?", true)]
    [TestCase("", "", true)]
    [TestCase("*", "", true)]
    [TestCase("", "x", false)]
    public void Matches_Pattern_Value(string pattern, string value, bool expected) =>
        Assert.That(Wildcard.Matches(pattern, value), Is.EqualTo(expected));

    [Test]
    public void Matches_AnyPatternWithoutEscapes_AgreesWithARegularExpression()
    {
        var pattern = Gen.Char["ab*?"].Array[0, 8].Select(static characters => new string(characters));
        var value = Gen.Char["ab"].Array[0, 8].Select(static characters => new string(characters));

        Gen.Select(pattern, value).Sample(static (wildcard, text) =>
        {
            var expression = "^" + Regex.Escape(wildcard).Replace("\\*", ".*", StringComparison.Ordinal).Replace("\\?", ".", StringComparison.Ordinal) + "$";
            return Wildcard.Matches(wildcard, text) == Regex.IsMatch(text, expression);
        });
    }
}
