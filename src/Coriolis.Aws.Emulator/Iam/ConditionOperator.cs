using System.Globalization;
using System.Net;

namespace Coriolis.Aws.Emulator.Iam;

/// <summary>An operator of conditions: how a value that the policy names is compared with one of the request.</summary>
/// <param name="Negated">Whether the condition holds when the comparison does not.</param>
/// <param name="Compare">Compares the policy's value with the request's.</param>
internal sealed record ConditionOperator(bool Negated, Func<PolicyPattern, string, ContextKeys, bool> Compare)
{
    /// <summary>Asks whether a key is absent; it has no values to compare.</summary>
    public static readonly ConditionOperator Null = new(Negated: false, static (_, _, _) => false);

    private static readonly Dictionary<string, ConditionOperator> s_byName = new(StringComparer.OrdinalIgnoreCase)
    {
        ["Null"] = Null,
        ["StringEquals"] = Text(StringComparison.Ordinal),
        ["StringNotEquals"] = Not(Text(StringComparison.Ordinal)),
        ["StringEqualsIgnoreCase"] = Text(StringComparison.OrdinalIgnoreCase),
        ["StringNotEqualsIgnoreCase"] = Not(Text(StringComparison.OrdinalIgnoreCase)),
        ["StringLike"] = new(false, static (named, value, keys) => named.Matches(value, keys)),
        ["StringNotLike"] = new(true, static (named, value, keys) => named.Matches(value, keys)),
        ["BinaryEquals"] = Text(StringComparison.Ordinal),
        ["Bool"] = Text(StringComparison.OrdinalIgnoreCase),
        ["ArnEquals"] = new(false, MatchesArn),
        ["ArnLike"] = new(false, MatchesArn),
        ["ArnNotEquals"] = new(true, MatchesArn),
        ["ArnNotLike"] = new(true, MatchesArn),
        ["IpAddress"] = new(false, IsInNetwork),
        ["NotIpAddress"] = new(true, IsInNetwork),
        ["NumericEquals"] = Number(static order => order == 0),
        ["NumericNotEquals"] = Not(Number(static order => order == 0)),
        ["NumericLessThan"] = Number(static order => order < 0),
        ["NumericLessThanEquals"] = Number(static order => order <= 0),
        ["NumericGreaterThan"] = Number(static order => order > 0),
        ["NumericGreaterThanEquals"] = Number(static order => order >= 0),
        ["DateEquals"] = Date(static order => order == 0),
        ["DateNotEquals"] = Not(Date(static order => order == 0)),
        ["DateLessThan"] = Date(static order => order < 0),
        ["DateLessThanEquals"] = Date(static order => order <= 0),
        ["DateGreaterThan"] = Date(static order => order > 0),
        ["DateGreaterThanEquals"] = Date(static order => order >= 0),
    };

    /// <summary>The operator of this name, or null.</summary>
    public static ConditionOperator? Find(string name) => s_byName.GetValueOrDefault(name);

    private static ConditionOperator Not(ConditionOperator other) => other with { Negated = true };

    private static ConditionOperator Text(StringComparison comparison) =>
        new(false, (named, value, keys) => string.Equals(named.Resolve(keys), value, comparison));

    /// <summary>The order is that of the request's value relative to the policy's.</summary>
    private static ConditionOperator Number(Predicate<int> holds) => new(false, (named, value, _) =>
        decimal.TryParse(named.Text, CultureInfo.InvariantCulture, out var limit)
        && decimal.TryParse(value, CultureInfo.InvariantCulture, out var number)
        && holds(number.CompareTo(limit)));

    private static ConditionOperator Date(Predicate<int> holds) => new(false, (named, value, _) =>
        ParseDate(named.Text) is { } limit && ParseDate(value) is { } date && holds(date.CompareTo(limit)));

    /// <summary>Dates are in ISO 8601 or in seconds since 1970.</summary>
    private static DateTimeOffset? ParseDate(string text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) ? DateTimeOffset.UnixEpoch.AddSeconds(seconds)
        : DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var date) ? date
        : null;

    private static bool MatchesArn(PolicyPattern named, string value, ContextKeys keys) => ArnPattern.OfCondition(named).Matches(value, keys);

    private static bool IsInNetwork(PolicyPattern named, string value, ContextKeys keys)
    {
        if (!IPAddress.TryParse(value, out var address)) return false;
        return IPNetwork.TryParse(named.Text, out var network) ? network.Contains(address) : IPAddress.TryParse(named.Text, out var single) && single.Equals(address);
    }
}
