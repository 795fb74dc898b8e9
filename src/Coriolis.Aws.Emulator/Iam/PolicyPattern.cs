using System.Text;
using Coriolis.Aws.Emulator.Matching;

namespace Coriolis.Aws.Emulator.Iam;

/// <summary>
/// A text of a policy: <c>*</c> and <c>?</c> are wildcards, <c>${key}</c> and <c>${key, 'default'}</c> stand for a condition key of the
/// request, and <c>${*}</c>, <c>${?}</c>, <c>${$}</c> for these characters themselves.
/// </summary>
internal sealed record PolicyPattern(string Text, bool HasVariables)
{
    /// <summary>Whether the value is matched, wildcards meaning what they mean.</summary>
    public bool Matches(string value, ContextKeys keys, bool ignoreCase = false)
    {
        if (Expand(keys, wildcards: true) is not { } pattern) return false;
        return ignoreCase ? Wildcard.Matches(pattern.ToUpperInvariant(), value.ToUpperInvariant()) : Wildcard.Matches(pattern, value);
    }

    /// <summary>The text with its variables replaced and wildcards left as they are; null when a variable has no value.</summary>
    public string? Resolve(ContextKeys keys) => Expand(keys, wildcards: false);

    /// <summary>Renders the text as a pattern of <see cref="Wildcard"/>, or as plain text.</summary>
    private string? Expand(ContextKeys keys, bool wildcards)
    {
        var result = new StringBuilder();
        for (var at = 0; at < Text.Length; at++)
        {
            var end = HasVariables && Text.AsSpan(at).StartsWith("${") ? Text.IndexOf('}', at) : -1;
            if (end > 0)
            {
                if (ValueOf(Text[(at + 2)..end], keys) is not { } value) return null;
                result.Append(wildcards ? Escape(value) : value);
                at = end;
            }
            else
            {
                result.Append(wildcards && Text[at] == '\\' ? @"\\" : Text[at]);
            }
        }

        return result.ToString();
    }

    private static string? ValueOf(string variable, ContextKeys keys)
    {
        if (variable is "*" or "?" or "$") return variable;
        var comma = variable.IndexOf(',', StringComparison.Ordinal);
        var name = comma < 0 ? variable : variable[..comma];
        var fallback = comma < 0 ? null : variable[(comma + 1)..].Trim().Trim('\'');
        return keys.Get(name.Trim()) is [var value] ? value : fallback;
    }

    private static string Escape(string text) =>
        text.Replace(@"\", @"\\", StringComparison.Ordinal).Replace("*", @"\*", StringComparison.Ordinal).Replace("?", @"\?", StringComparison.Ordinal);
}
