using System.Text.Json;

namespace Coriolis.Aws.Emulator.Faults;

/// <summary>Reads fault plans from JSON, strictly: an unknown or missing member is an error that names it.</summary>
internal static class FaultFile
{
    private static readonly string s_kinds = string.Join(", ", Enum.GetNames<FaultKind>().Select(JsonNamingPolicy.CamelCase.ConvertName));

    public static FaultPlan Parse(string json, string path)
    {
        var plan = new FaultPlan();
        var rules = Deserialize(json, path).Rules;
        for (var number = 0; number < rules.Count; number++)
        {
            var rule = rules[number].ToRule();
            if (FaultRuleCheck.Explain(rule) is { } problem)
            {
                throw new FormatException($"Fault file '{path}', rules[{number}]: {problem}.");
            }

            plan.Add(rule);
        }

        return plan;
    }

    private static FaultFileContent Deserialize(string json, string path)
    {
        try
        {
            return JsonSerializer.Deserialize(json, FaultJson.Default.FaultFileContent)
                ?? throw new FormatException($"Fault file '{path}' holds null; it must be an object with the member 'rules'.");
        }
        catch (JsonException e) when (e.Path is { } member && member.EndsWith(".kind", StringComparison.Ordinal))
        {
            throw new FormatException($"Fault file '{path}', {member[2..]}: not a kind of fault. Use one of: {s_kinds}.", e);
        }
        catch (JsonException e)
        {
            throw new FormatException($"Fault file '{path}': {e.Message}", e);
        }
    }
}
