using System.Globalization;
using Microsoft.AspNetCore.WebUtilities;

namespace Coriolis.Aws.Emulator.Http;

/// <summary>The parameters of a query-protocol request: flat names such as <c>Filter.1.Value.2</c>, read as a tree.</summary>
internal sealed class QueryParameters
{
    // More than any call needs; reading a list of structures takes time by the square of it.
    private const int MaxParameters = 5000;

    private readonly SortedDictionary<string, string> _values;

    private QueryParameters(SortedDictionary<string, string> values) => _values = values;

    public static QueryParameters Empty { get; } = new(new SortedDictionary<string, string>(StringComparer.Ordinal));

    public bool IsEmpty => _values.Count == 0;

    public IEnumerable<KeyValuePair<string, string>> All => _values;

    /// <summary>The first segments of all names: what the request sets at its top level.</summary>
    public IEnumerable<string> TopLevelNames => _values.Keys.Select(static name => name.Split('.', 2)[0]).Distinct();

    public static QueryParameters Parse(string form)
    {
        var values = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in QueryHelpers.ParseQuery(form))
        {
            values[name] = value.Count == 0 ? "" : value[^1] ?? "";
        }

        if (values.Count > MaxParameters)
        {
            throw new AwsErrorException("MalformedQueryString", 400, $"The request has more than {MaxParameters} parameters.");
        }

        return new QueryParameters(values);
    }

    public string? Text(string name) => _values.TryGetValue(name, out var value) ? value : null;

    public string Required(string name) =>
        Text(name) is { Length: > 0 } value
            ? value
            : throw new AwsErrorException("MissingParameter", 400, $"The request must contain the parameter {name}");

    public int? Integer(string name)
    {
        if (Text(name) is not { Length: > 0 } value) return null;
        return int.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw new AwsErrorException("InvalidParameterValue", 400, $"Invalid integer value {value} for parameter {name}");
    }

    public int RequiredInteger(string name)
    {
        _ = Required(name);
        return Integer(name)!.Value;
    }

    public bool? Boolean(string name) => Text(name) switch
    {
        null or "" => null,
        var value when string.Equals(value, "true", StringComparison.OrdinalIgnoreCase) => true,
        var value when string.Equals(value, "false", StringComparison.OrdinalIgnoreCase) => false,
        var value => throw new AwsErrorException(
            "InvalidParameterValue", 400, $"Invalid value '{value}' for boolean parameter {name}. Use true or false."),
    };

    /// <summary>Whether the structure or list of this name has any member.</summary>
    public bool Has(string prefix) => _values.Keys.Any(name =>
        name.StartsWith(prefix, StringComparison.Ordinal) && (name.Length == prefix.Length || name[prefix.Length] == '.'));

    /// <summary>The members of one structure, their names without its prefix.</summary>
    public QueryParameters Structure(string prefix)
    {
        var members = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in _values)
        {
            if (name.Length > prefix.Length + 1 && name[prefix.Length] == '.' && name.StartsWith(prefix, StringComparison.Ordinal))
            {
                members[name[(prefix.Length + 1)..]] = value;
            }
        }

        return new QueryParameters(members);
    }

    /// <summary>The values of a list of scalars, in the order of their numbers.</summary>
    public IReadOnlyList<string> List(string prefix) =>
        [.. Indexes(prefix).Select(index => Text($"{prefix}.{index}")).OfType<string>()];

    /// <summary>The members of a list of structures, in the order of their numbers.</summary>
    public IReadOnlyList<QueryParameters> Structures(string prefix) =>
        [.. Indexes(prefix).Select(index => Structure($"{prefix}.{index}"))];

    private List<string> Indexes(string prefix) =>
        [.. Structure(prefix).TopLevelNames
            .Where(static segment => segment.Length <= 6 && segment.All(char.IsAsciiDigit))
            .OrderBy(static segment => int.Parse(segment, CultureInfo.InvariantCulture))];
}
