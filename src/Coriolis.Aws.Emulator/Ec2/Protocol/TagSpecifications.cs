using Coriolis.Aws.Emulator.Http;
using Coriolis.Aws.Emulator.State;

namespace Coriolis.Aws.Emulator.Ec2.Protocol;

/// <summary>Reads and checks the tags that a request sets.</summary>
internal static class TagSpecifications
{
    // The EC2 user guide, "Tag restrictions".
    private const int MaxTags = 50;
    private const int MaxKeyLength = 127;
    private const int MaxValueLength = 255;

    /// <summary>The tags of the request for resources of one kind.</summary>
    /// <remarks>The operation may tag resources of the allowed kinds besides.</remarks>
    public static IReadOnlyDictionary<string, string> Read(QueryParameters parameters, ResourceKind kind, params ReadOnlySpan<ResourceKind> allowed)
    {
        var tags = TagSet.Empty;
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var specification in parameters.Structures("TagSpecification"))
        {
            var type = specification.Text("ResourceType");
            if (string.IsNullOrEmpty(type)) throw Ec2Errors.InvalidValue("Tag specification resource type must have a value");
            if (type != kind.TagName && !Contains(allowed, type))
            {
                throw Ec2Errors.InvalidValue($"'{type}' is not a valid taggable resource type for this operation.");
            }

            if (!seen.Add(type)) throw Ec2Errors.InvalidValue($"Tag specifications name the resource type '{type}' more than once.");
            var read = ReadTags(specification.Structures("Tag"));
            if (type == kind.TagName) tags = read;
        }

        return tags;
    }

    /// <summary>The tags of the request for resources of one kind, whatever other kinds it names.</summary>
    public static IReadOnlyDictionary<string, string> ReadFor(QueryParameters parameters, ResourceKind kind) => ReadTags(
        parameters.Structures("TagSpecification")
            .Where(specification => specification.Text("ResourceType") == kind.TagName)
            .SelectMany(static specification => specification.Structures("Tag")));

    /// <summary>Reads a list of tags; keys must differ.</summary>
    public static IReadOnlyDictionary<string, string> ReadTags(IEnumerable<QueryParameters> list)
    {
        var tags = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var tag in list)
        {
            var key = tag.Text("Key") ?? "";
            var value = tag.Text("Value") ?? "";
            CheckKey(key);
            if (value.Length > MaxValueLength)
            {
                throw Ec2Errors.InvalidValue($"Tag value exceeds the maximum length of {MaxValueLength} characters");
            }

            if (!tags.TryAdd(key, value)) throw Ec2Errors.InvalidValue($"Duplicate tag key '{key}' specified.");
        }

        CheckCount(tags.Count);
        return tags;
    }

    public static void CheckKey(string key)
    {
        if (key.Length == 0) throw Ec2Errors.InvalidValue("Tag keys starting with 'aws:' are reserved and empty tag keys are not allowed.");
        if (key.Length > MaxKeyLength) throw Ec2Errors.InvalidValue($"Tag key exceeds the maximum length of {MaxKeyLength} characters");
        if (key.StartsWith("aws:", StringComparison.OrdinalIgnoreCase))
        {
            throw Ec2Errors.InvalidValue("Tag keys starting with 'aws:' are reserved for internal use");
        }
    }

    public static void CheckCount(int count)
    {
        if (count > MaxTags) throw Ec2Errors.Create("TagLimitExceeded", $"The maximum number of tags per resource is {MaxTags}.");
    }

    private static bool Contains(ReadOnlySpan<ResourceKind> kinds, string type)
    {
        foreach (var kind in kinds)
        {
            if (kind.TagName == type) return true;
        }

        return false;
    }
}
