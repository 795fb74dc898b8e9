using Coriolis.Aws.Emulator.Ec2.Instances;
using Coriolis.Aws.Emulator.Ec2.Protocol;
using Coriolis.Aws.Emulator.State;

namespace Coriolis.Aws.Emulator.Ec2.Tags;

/// <summary>Tags on any kind of resource.</summary>
internal static class TagOperations
{
    private static readonly FilterTable<TagEntry> s_filters = new FilterTable<TagEntry>
    {
        { "key", static entry => entry.Key },
        { "resource-id", static entry => entry.ResourceId },
        { "resource-type", static entry => entry.ResourceType },
        { "value", static entry => entry.Value },
    }.WithTagNames(static entry => new Dictionary<string, string> { [entry.Key] = entry.Value });

    private sealed record TagEntry(string ResourceType, string ResourceId, string Key, string Value);

    public static void Create(Ec2Call call)
    {
        var tags = TagSpecifications.ReadTags(call.Parameters.Structures("Tag"));
        if (tags.Count == 0) throw Ec2Errors.Missing("Tag");
        Change(call, current =>
        {
            foreach (var (key, value) in tags)
            {
                current[key] = value;
            }
        });
    }

    public static void Delete(Ec2Call call)
    {
        var tags = call.Parameters.Structures("Tag").Select(static tag => (Key: tag.Text("Key") ?? "", Value: tag.Text("Value"))).ToList();
        Change(call, current =>
        {
            // Without tags all go, except those of AWS itself; with a value a tag goes only when it has that value.
            var keys = tags.Count == 0
                ? current.Keys.Where(static key => !key.StartsWith("aws:", StringComparison.Ordinal))
                : tags.Where(tag => tag.Value is null || current.GetValueOrDefault(tag.Key) == tag.Value).Select(static tag => tag.Key);
            foreach (var key in keys.ToList())
            {
                current.Remove(key);
            }
        });
    }

    public static void Describe(Ec2Call call)
    {
        var entries = TagTables.All(call.State)
            .SelectMany(static table => table.All().Select(resource => (table.Kind, Resource: resource)))
            .SelectMany(static pair => pair.Resource.Tags.Select(tag => new TagEntry(pair.Kind.TagName, pair.Resource.Id, tag.Key, tag.Value)));
        var page = Pages.Take(call, s_filters.Apply(call.Parameters, entries), static entry => $"{entry.ResourceId} {entry.Key}");
        call.Response.AddList("tagSet", page, entry =>
        {
            call.Response.Add("resourceId", entry.ResourceId);
            call.Response.Add("resourceType", entry.ResourceType);
            call.Response.Add("key", entry.Key);
            call.Response.Add("value", entry.Value);
        });
    }

    private static void Change(Ec2Call call, Action<SortedDictionary<string, string>> change)
    {
        var ids = call.Parameters.List("ResourceId");
        if (ids.Count == 0) throw Ec2Errors.Missing("ResourceId");
        var changes = new List<(TagTable Table, string Id, IReadOnlyDictionary<string, string> Tags)>();
        foreach (var id in ids)
        {
            var table = TagTables.All(call.State).FirstOrDefault(table => id.StartsWith(table.Kind.Prefix + "-", StringComparison.Ordinal))
                ?? throw Ec2Errors.Create("InvalidID", $"The ID '{id}' is not valid");
            table.Kind.CheckForm(id);
            var resource = table.Find(id) ?? throw table.Kind.NotFound(id);
            var tags = new SortedDictionary<string, string>(StringComparer.Ordinal);
            foreach (var (key, value) in resource.Tags)
            {
                tags[key] = value;
            }

            change(tags);
            TagSpecifications.CheckCount(tags.Count);
            if (resource is InstanceRecord instance) MetadataOperations.CheckTags(instance.Metadata, tags);
            changes.Add((table, id, tags));
        }

        foreach (var (table, id, tags) in changes)
        {
            table.SetTags(id, tags);
        }

        call.Response.AddSuccess();
    }
}
