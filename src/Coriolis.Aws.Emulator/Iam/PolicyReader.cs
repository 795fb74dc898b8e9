using System.Text.Json;

namespace Coriolis.Aws.Emulator.Iam;

/// <summary>Reads policy documents by IAM's grammar, strictly: what IAM would refuse is an error that says where.</summary>
internal static class PolicyReader
{
    private const string VersionWithVariables = "2012-10-17";

    private static readonly string[] s_documentMembers = ["Version", "Id", "Statement"];

    private static readonly string[] s_statementMembers =
        ["Sid", "Effect", "Action", "NotAction", "Resource", "NotResource", "Condition"];

    /// <exception cref="FormatException">The text is not a policy.</exception>
    public static PolicyDocument Read(string json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            var root = document.RootElement;
            CheckMembers(root, s_documentMembers, "the policy");
            var version = root.TryGetProperty("Version", out var member) ? member.GetString() : "2008-10-17";
            if (version is not (VersionWithVariables or "2008-10-17"))
            {
                throw new FormatException($"Policy: Version is '{version}'; it must be {VersionWithVariables} or 2008-10-17.");
            }

            if (!root.TryGetProperty("Statement", out var statements)) throw new FormatException("Policy: Statement is missing.");
            IEnumerable<JsonElement> list = statements.ValueKind == JsonValueKind.Array ? statements.EnumerateArray() : [statements];
            return new PolicyDocument(json, [.. list.Select((statement, index) => ReadStatement(statement, index, version == VersionWithVariables))]);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new FormatException($"Policy: not the JSON of a policy document: {e.Message}", e);
        }
    }

    private static PolicyStatement ReadStatement(JsonElement statement, int index, bool variables)
    {
        var where = $"Statement[{index}]";
        CheckMembers(statement, s_statementMembers, where);
        var effect = statement.TryGetProperty("Effect", out var member) ? member.GetString() : null;
        var (actions, exceptActions) = ReadPair(statement, "Action", where, variables);
        var (resources, exceptResources) = ReadPair(statement, "Resource", where, variables);
        foreach (var action in actions.Where(static action => action.Text != "*" && !action.Text.Contains(':', StringComparison.Ordinal)))
        {
            throw new FormatException($"Policy: {where}: the action '{action.Text}' has no service prefix, such as ec2:.");
        }

        return new PolicyStatement
        {
            Effect = effect switch
            {
                "Allow" => PolicyEffect.Allow,
                "Deny" => PolicyEffect.Deny,
                _ => throw new FormatException($"Policy: {where}: Effect must be Allow or Deny."),
            },
            Actions = actions,
            ExceptActions = exceptActions,
            Resources = [.. resources.Select(resource => ReadResource(resource, where))],
            ExceptResources = exceptResources,
            Conditions = statement.TryGetProperty("Condition", out var condition) ? ReadConditions(condition, where, variables) : [],
        };
    }

    private static ArnPattern ReadResource(PolicyPattern resource, string where) =>
        resource.Text == "*" || resource.Text.StartsWith("arn:", StringComparison.Ordinal) || resource.Text.StartsWith("arn*", StringComparison.Ordinal)
            ? ArnPattern.OfResource(resource)
            : throw new FormatException($"Policy: {where}: the resource '{resource.Text}' must be an ARN or \"*\".");

    /// <summary>Reads an element or its opposite, of which a statement has exactly one.</summary>
    private static (IReadOnlyList<PolicyPattern> Values, bool Except) ReadPair(JsonElement statement, string name, string where, bool variables)
    {
        var has = statement.TryGetProperty(name, out var value);
        var hasNot = statement.TryGetProperty("Not" + name, out var notValue);
        if (has == hasNot) throw new FormatException($"Policy: {where} must have either {name} or Not{name}.");
        var patterns = ReadValues(has ? value : notValue, variables);
        return patterns.Count > 0 ? (patterns, hasNot) : throw new FormatException($"Policy: {where}: {name} is empty.");
    }

    private static List<PolicyCondition> ReadConditions(JsonElement condition, string where, bool variables) =>
    [
        .. condition.EnumerateObject().SelectMany(byOperator => byOperator.Value.EnumerateObject().Select(byKey =>
            ReadCondition(byOperator.Name, byKey.Name, ReadValues(byKey.Value, variables), where))),
    ];

    private static PolicyCondition ReadCondition(string name, string key, IReadOnlyList<PolicyPattern> values, string where)
    {
        var parts = name.Split(':', 2);
        var (quantifier, rest) = parts switch
        {
            ["ForAllValues", var other] => (ConditionQuantifier.ForAllValues, other),
            ["ForAnyValue", var other] => (ConditionQuantifier.ForAnyValue, other),
            _ => (ConditionQuantifier.None, name),
        };
        const string IfExists = "IfExists";
        var ifExists = rest.EndsWith(IfExists, StringComparison.Ordinal);
        var found = ConditionOperator.Find(ifExists ? rest[..^IfExists.Length] : rest);
        // The IAM user guide: IfExists can be added to any operator but Null.
        if (found is null || (found == ConditionOperator.Null && ifExists))
        {
            throw new FormatException($"Policy: {where}: '{name}' is not a condition operator.");
        }

        return new PolicyCondition { Quantifier = quantifier, Operator = found, IfExists = ifExists, Key = key, Values = values };
    }

    private static List<PolicyPattern> ReadValues(JsonElement value, bool variables)
    {
        IEnumerable<JsonElement> values = value.ValueKind == JsonValueKind.Array ? value.EnumerateArray() : [value];
        return [.. values.Select(item => new PolicyPattern(ReadScalar(item), variables))];
    }

    // Conditions may write numbers and booleans without quotes.
    private static string ReadScalar(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString()!,
        JsonValueKind.True => "true",
        JsonValueKind.False => "false",
        JsonValueKind.Number => value.GetRawText(),
        _ => throw new FormatException($"Policy: a {value.ValueKind} stands where a text must."),
    };

    private static void CheckMembers(JsonElement element, string[] known, string where)
    {
        if (element.EnumerateObject().FirstOrDefault(member => !known.Contains(member.Name)) is { Value.ValueKind: not JsonValueKind.Undefined } unknown)
        {
            throw new FormatException($"Policy: '{unknown.Name}' is not an element of {where} in an identity policy.");
        }
    }
}
