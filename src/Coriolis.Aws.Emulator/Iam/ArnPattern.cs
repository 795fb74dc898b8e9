namespace Coriolis.Aws.Emulator.Iam;

/// <summary>A pattern of ARNs, compared part by part: a wildcard does not reach over a colon of the first five parts.</summary>
internal sealed class ArnPattern
{
    private const int Parts = 6;

    private readonly IReadOnlyList<PolicyPattern> _parts;

    private ArnPattern(IReadOnlyList<PolicyPattern> parts) => _parts = parts;

    /// <summary>The pattern of a <c>Resource</c> element: <c>*</c> is any, and parts that are missing at the end are wildcards.</summary>
    public static ArnPattern OfResource(PolicyPattern pattern)
    {
        if (pattern.Text == "*") return new ArnPattern([pattern]);
        var parts = Split(pattern);
        return new ArnPattern([.. parts, .. Enumerable.Repeat(pattern with { Text = "*" }, Parts - parts.Count)]);
    }

    /// <summary>The pattern of an ARN condition: every part must be there.</summary>
    public static ArnPattern OfCondition(PolicyPattern pattern) => new(Split(pattern));

    public bool Matches(string arn, ContextKeys keys)
    {
        if (_parts is [{ Text: "*" }]) return true;
        var parts = arn.Split(':', Parts);
        return parts.Length == _parts.Count && _parts.Zip(parts).All(pair => pair.First.Matches(pair.Second, keys));
    }

    /// <summary>Splits at colons, but not at those within a variable, such as <c>${aws:username}</c>.</summary>
    private static List<PolicyPattern> Split(PolicyPattern pattern)
    {
        var parts = new List<PolicyPattern>();
        var start = 0;
        var inVariable = false;
        for (var at = 0; at < pattern.Text.Length && parts.Count < Parts - 1; at++)
        {
            inVariable = pattern.Text[at] switch
            {
                '{' when at > 0 && pattern.Text[at - 1] == '$' => true,
                '}' => false,
                _ => inVariable,
            };
            if (pattern.Text[at] != ':' || inVariable) continue;
            parts.Add(pattern with { Text = pattern.Text[start..at] });
            start = at + 1;
        }

        parts.Add(pattern with { Text = pattern.Text[start..] });
        return parts;
    }
}
