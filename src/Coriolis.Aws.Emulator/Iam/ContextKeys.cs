namespace Coriolis.Aws.Emulator.Iam;

/// <summary>The condition keys of a request and their values. Names are compared without regard to case, as in IAM.</summary>
internal sealed class ContextKeys(ContextKeys? parent = null)
{
    private readonly Dictionary<string, List<string>> _values = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>All keys with their values, those of the parent first.</summary>
    public IEnumerable<KeyValuePair<string, IReadOnlyList<string>>> All =>
        (parent?.All ?? []).Concat(_values.Select(static pair => KeyValuePair.Create(pair.Key, (IReadOnlyList<string>)pair.Value)));

    /// <summary>The values of a key; none when the request does not have it.</summary>
    public IReadOnlyList<string> Get(string name) => _values.TryGetValue(name, out var values) ? values : parent?.Get(name) ?? [];

    public ContextKeys Add(string name, string? value)
    {
        if (value is null) return this;
        if (!_values.TryGetValue(name, out var values)) _values[name] = values = [];
        values.Add(value);
        return this;
    }

    public ContextKeys Add(string name, bool value) => Add(name, value ? "true" : "false");

    /// <summary>Adds the tags that a request sets: <c>aws:RequestTag/KEY</c> and <c>aws:TagKeys</c>.</summary>
    public ContextKeys AddRequestTags(IEnumerable<KeyValuePair<string, string>> tags)
    {
        foreach (var (key, value) in tags)
        {
            Add($"aws:RequestTag/{key}", value);
            Add("aws:TagKeys", key);
        }

        return this;
    }

    /// <summary>Adds the tags that a resource has, under the global name and that of EC2.</summary>
    public ContextKeys AddResourceTags(IEnumerable<KeyValuePair<string, string>> tags)
    {
        foreach (var (key, value) in tags)
        {
            Add($"aws:ResourceTag/{key}", value);
            Add($"ec2:ResourceTag/{key}", value);
        }

        return this;
    }
}
