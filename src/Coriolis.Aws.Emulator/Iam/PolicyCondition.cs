namespace Coriolis.Aws.Emulator.Iam;

/// <summary>One line of a <c>Condition</c>: an operator, a key and the values that the policy names.</summary>
internal sealed record PolicyCondition
{
    public required ConditionQuantifier Quantifier { get; init; }

    public required ConditionOperator Operator { get; init; }

    /// <summary>Whether a request without the key satisfies the condition.</summary>
    public bool IfExists { get; init; }

    public required string Key { get; init; }

    public required IReadOnlyList<PolicyPattern> Values { get; init; }

    public bool IsAboutResourceTags => Key.Contains(":ResourceTag/", StringComparison.OrdinalIgnoreCase);

    public bool Holds(ContextKeys keys)
    {
        var values = keys.Get(Key);
        if (Operator == ConditionOperator.Null) return Values.Any(value => (value.Text == "true") == (values.Count == 0));
        return Quantifier switch
        {
            // The IAM user guide: true also when the request has no such key.
            ConditionQuantifier.ForAllValues => values.All(value => Satisfies(value, keys)),
            // A set without members has none that satisfies; IfExists does not change that.
            ConditionQuantifier.ForAnyValue => values.Any(value => Satisfies(value, keys)),
            _ when values.Count == 0 => IfExists || Operator.Negated,
            _ => Operator.Negated ? values.All(value => Satisfies(value, keys)) : values.Any(value => Satisfies(value, keys)),
        };
    }

    /// <summary>Whether a value of the request is like one that the policy names, or, for a negated operator, like none.</summary>
    private bool Satisfies(string value, ContextKeys keys) => Values.Any(named => Operator.Compare(named, value, keys)) != Operator.Negated;
}
