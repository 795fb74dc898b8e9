using System.Globalization;
using System.Text;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Coriolis.Aws.Emulator.Workers;

/// <summary>What user data asks of a machine, as far as cloud-init's modules for users, keys and power go.</summary>
internal sealed record CloudConfig
{
    /// <summary>The user that cloud-init makes on Ubuntu when none is named.</summary>
    public const string DefaultUser = "ubuntu";

    private const string Header = "#cloud-config";

    /// <summary>Host keys by cloud-init's names, for example <c>ed25519_private</c>.</summary>
    public IReadOnlyDictionary<string, string> HostKeys { get; private init; } = new Dictionary<string, string>();

    /// <summary>Users with the keys that may log in as them.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> Users { get; private init; } =
        new Dictionary<string, IReadOnlyList<string>> { [DefaultUser] = [] };

    /// <summary>When to power off, counted from the start; null for never.</summary>
    public TimeSpan? PowerOffAfter { get; private init; }

    /// <summary>Why the user data could not be understood, for the console.</summary>
    public string? Fault { get; private init; }

    /// <summary>Reads user data as an instance has it. Anything but cloud-config leaves the defaults, as on a machine whose scripts are not run.</summary>
    public static CloudConfig Parse(string? base64)
    {
        var text = base64 is null ? "" : Encoding.UTF8.GetString(Convert.FromBase64String(base64));
        if (!text.StartsWith(Header, StringComparison.Ordinal)) return new CloudConfig();
        try
        {
            var yaml = new YamlStream();
            yaml.Load(new StringReader(text));
            return yaml.Documents is [{ RootNode: YamlMappingNode root }] ? Read(root) : new CloudConfig();
        }
        catch (YamlException error)
        {
            return new CloudConfig { Fault = error.Message };
        }
    }

    private static CloudConfig Read(YamlMappingNode root)
    {
        var common = Texts(Child(root, "ssh_authorized_keys"));
        var users = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal);
        foreach (var user in Child(root, "users") as YamlSequenceNode ?? [])
        {
            if (user is YamlScalarNode { Value: "default" }) users[DefaultUser] = common;
            else if (user is YamlMappingNode entry && Text(entry, "name") is { } name) users[name] = Texts(Child(entry, "ssh_authorized_keys"));
        }

        if (users.Count == 0) users[DefaultUser] = common;
        return new CloudConfig
        {
            HostKeys = Child(root, "ssh_keys") is YamlMappingNode keys
                ? keys.Children.ToDictionary(pair => ((YamlScalarNode)pair.Key).Value ?? "", pair => ((YamlScalarNode)pair.Value).Value ?? "")
                : new Dictionary<string, string>(),
            Users = users,
            PowerOffAfter = Child(root, "power_state") is YamlMappingNode power && Text(power, "mode") == "poweroff" ? ReadDelay(Text(power, "delay")) : null,
        };
    }

    private static TimeSpan? ReadDelay(string? delay) =>
        int.TryParse(delay?.TrimStart('+'), NumberStyles.None, CultureInfo.InvariantCulture, out var minutes) ? TimeSpan.FromMinutes(minutes) : TimeSpan.Zero;

    private static YamlNode? Child(YamlMappingNode node, string key) => node.Children.TryGetValue(new YamlScalarNode(key), out var child) ? child : null;

    private static string? Text(YamlMappingNode node, string key) => (Child(node, key) as YamlScalarNode)?.Value;

    private static IReadOnlyList<string> Texts(YamlNode? node) =>
        [.. (node as YamlSequenceNode ?? []).OfType<YamlScalarNode>().Select(static item => item.Value ?? "")];
}
