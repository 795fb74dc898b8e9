using System.Text.RegularExpressions;
using Amazon.EC2.Model;

namespace Coriolis.Providers.Aws;

/// <summary>Ids, names and filters of EC2.</summary>
internal static partial class Ec2Names
{
    public static bool IsInstanceId(string text) => InstanceIdPattern().IsMatch(text);

    public static string? TagValue(IEnumerable<Tag>? tags, string key) => tags?.FirstOrDefault(tag => tag.Key == key)?.Value;

    public static string NameOf(Instance instance) => TagValue(instance.Tags, "Name") is { Length: > 0 } name ? name : instance.InstanceId;

    public static Filter Filter(string name, params IEnumerable<string> values) => new(name, [.. values]);

    /// <summary>A filter value that matches itself only: EC2 filters take * and ? as wildcards and \ to escape them.</summary>
    public static string Literal(string value) => WildcardPattern().Replace(value, @"\$0");

    [GeneratedRegex("^i-([0-9a-f]{8}|[0-9a-f]{17})$")]
    private static partial Regex InstanceIdPattern();

    [GeneratedRegex(@"[*?\\]")]
    private static partial Regex WildcardPattern();
}
