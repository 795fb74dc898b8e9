using System.Globalization;

namespace Coriolis.Worker;

/// <summary>
/// Flags as the existing replicator takes them: <c>-name=value</c>, <c>--name=value</c>, <c>-name value</c>; a flag without value is true if
/// it is a switch.
/// </summary>
internal sealed class FlagSet
{
    private readonly Dictionary<string, string> _values = new(StringComparer.Ordinal);

    public static FlagSet Parse(ReadOnlySpan<string> arguments, IReadOnlyCollection<string> names, IReadOnlyCollection<string> switches)
    {
        var flags = new FlagSet();
        for (var i = 0; i < arguments.Length; i++)
        {
            var argument = arguments[i];
            var dashes = argument.StartsWith("--", StringComparison.Ordinal) ? 2 : 1;
            if (!argument.StartsWith('-') || argument.Length == dashes)
            {
                throw new UsageException($"{argument} is not a flag.");
            }

            var parts = argument[dashes..].Split('=', 2);
            var isSwitch = switches.Contains(parts[0]);
            if (!isSwitch && !names.Contains(parts[0]))
            {
                throw new UsageException($"The flag -{parts[0]} is not known.");
            }

            flags._values[parts[0]] = parts.Length > 1 ? parts[1]
                : isSwitch ? "true"
                : ++i < arguments.Length ? arguments[i]
                : throw new UsageException($"The flag -{parts[0]} needs a value.");
        }

        return flags;
    }

    public string Text(string name, string otherwise) => _values.GetValueOrDefault(name, otherwise);

    public bool Switch(string name, bool otherwise) => _values.TryGetValue(name, out var text)
        ? text.ToLowerInvariant() switch
        {
            "true" or "t" or "1" => true,
            "false" or "f" or "0" => false,
            _ => throw new UsageException($"-{name} is {text}, neither true nor false."),
        }
        : otherwise;

    public int Number(string name, int otherwise, int min, int max) => !_values.TryGetValue(name, out var text) ? otherwise
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= min && number <= max ? number
        : throw new UsageException($"-{name} is {text}, not a number from {min} to {max}.");
}
