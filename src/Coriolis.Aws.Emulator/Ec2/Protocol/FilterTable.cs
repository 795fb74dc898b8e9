using System.Globalization;
using Coriolis.Aws.Emulator.Http;
using Coriolis.Aws.Emulator.Matching;

namespace Coriolis.Aws.Emulator.Ec2.Protocol;

/// <summary>The filters that a Describe operation knows: a name and the values that a resource has under it.</summary>
internal sealed class FilterTable<T> : Dictionary<string, Func<T, IEnumerable<string?>>>
{
    // The EC2 API reference: at most 200 values in one request.
    private const int MaxValues = 200;

    private Func<T, IReadOnlyDictionary<string, string>>? _tags;

    public FilterTable()
        : base(StringComparer.Ordinal)
    {
    }

    public void Add(string name, Func<T, string?> value) => this[name] = resource => [value(resource)];

    public void Add(string name, Func<T, bool> value) => this[name] = resource => [value(resource) ? "true" : "false"];

    public void Add(string name, Func<T, DateTimeOffset> value) => this[name] = resource => [Ec2Xml.Timestamp(value(resource))];

    public void Add(string name, Func<T, long> value) => this[name] = resource => [value(resource).ToString(CultureInfo.InvariantCulture)];

    /// <summary>Adds <c>tag:KEY</c>, <c>tag-key</c> and <c>tag-value</c>.</summary>
    public FilterTable<T> WithTags(Func<T, IReadOnlyDictionary<string, string>> tags)
    {
        this["tag-key"] = resource => tags(resource).Keys;
        this["tag-value"] = resource => tags(resource).Values;
        return WithTagNames(tags);
    }

    /// <summary>Adds <c>tag:KEY</c> alone.</summary>
    public FilterTable<T> WithTagNames(Func<T, IReadOnlyDictionary<string, string>> tags)
    {
        _tags = tags;
        return this;
    }

    /// <summary>Keeps the resources that match every filter of the request; within a filter one value is enough.</summary>
    public IEnumerable<T> Apply(QueryParameters parameters, IEnumerable<T> resources)
    {
        var filters = parameters.Structures("Filter").Select(Read).ToList();
        if (filters.Sum(static filter => filter.Values.Count) > MaxValues)
        {
            throw new AwsErrorException("FilterLimitExceeded", 400, $"The maximum number of filter values specified on a single call is {MaxValues}");
        }

        return resources.Where(resource => filters.All(filter =>
            filter.Select(resource).Any(value => value is not null && filter.Values.Any(pattern => Wildcard.Matches(pattern, value)))));
    }

    private (Func<T, IEnumerable<string?>> Select, IReadOnlyList<string> Values) Read(QueryParameters filter)
    {
        var name = filter.Required("Name");
        var values = filter.List("Value");
        if (values.Count == 0) throw Ec2Errors.InvalidValue($"The filter '{name}' has no values");
        if (_tags is { } tags && name.StartsWith("tag:", StringComparison.Ordinal))
        {
            var key = name["tag:".Length..];
            return (resource => [tags(resource).GetValueOrDefault(key)], values);
        }

        return TryGetValue(name, out var select) ? (select, values) : throw Ec2Errors.InvalidValue($"The filter '{name}' is invalid");
    }
}
