using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.Configuration;

namespace Coriolis.Providers.Aws;

/// <summary>
/// Sets options by name, the same way from a configuration section, an INI section and a source environment JSON.
/// Whatever cannot be set is kept with the options, so that the validator reports everything at once.
/// </summary>
internal static class AwsSourceSettings
{
    private static readonly Dictionary<string, Setting> s_settings = new(StringComparer.OrdinalIgnoreCase)
    {
        ["worker_instance_type"] = Text((o, v) => o.WorkerInstanceType = v),
        ["migr_image_map"] = new((o, map) => SetAll(o.MigrImageMap, map)),
        ["export_image"] = Text((o, v) => o.ExportImage = v),
        ["worker_subnet_id"] = Text((o, v) => o.WorkerSubnetId = v),
        ["worker_allowed_cidr"] = Text((o, v) => o.WorkerAllowedCidr = v),
        ["worker_private_address"] = Parsed("true or false", ParseBoolean, (o, v) => o.WorkerPrivateAddress = v),
        ["worker_compression"] = Parsed("true or false", ParseBoolean, (o, v) => o.WorkerCompression = v),
        ["worker_agent"] = Text((o, v) => o.WorkerAgent = v),
        ["worker_boot_timeout"] = Duration((o, v) => o.WorkerBootTimeout = v),
        ["worker_attach_timeout"] = Duration((o, v) => o.WorkerAttachTimeout = v),
        ["worker_stall_timeout"] = Duration((o, v) => o.WorkerStallTimeout = v),
        ["worker_lease"] = Duration((o, v) => o.WorkerLease = v),
        ["shutdown_migrated_instance"] = Parsed("true or false", ParseBoolean, (o, v) => o.ShutdownMigratedInstance = v),
        ["extra_tags"] = new((o, map) => SetAll(o.ExtraTags, map)),
        ["snapshot_expiry"] = Duration((o, v) => o.SnapshotExpiry = v),
        ["max_pending_snapshots"] = Number((o, v) => o.MaxPendingSnapshots = v),
        ["max_block_reads_per_second"] = Number((o, v) => o.MaxBlockReadsPerSecond = v),
        ["poll_interval"] = Duration((o, v) => o.PollInterval = v),
        ["snapshot_stall_timeout"] = Duration((o, v) => o.SnapshotStallTimeout = v),
        ["stop_timeout"] = Duration((o, v) => o.StopTimeout = v),
        ["release_timeout"] = Duration((o, v) => o.ReleaseTimeout = v),
        ["attempt_timeout"] = Duration((o, v) => o.AttemptTimeout = v),
        ["retry_budget"] = Duration((o, v) => o.RetryBudget = v),
    };

    /// <summary>The names of all settings.</summary>
    public static IEnumerable<string> Names => s_settings.Keys;

    /// <summary>Sets options from a configuration section; keys are matched without regard to case and underscores.</summary>
    public static void Apply(AwsSourceOptions options, IConfiguration section)
    {
        var where = section is IConfigurationSection { Path: { Length: > 0 } path } ? path : "configuration";
        foreach (var child in section.GetChildren())
        {
            if (Find(child.Key, where, options) is not { } setting)
            {
                continue;
            }

            var map = child.GetChildren().Where(c => c.Value is not null).ToDictionary(c => c.Key, c => c.Value!);
            Set(options, $"{where}:{child.Key}", setting, child.Value, map.Count > 0 ? map : null);
        }
    }

    /// <summary>Sets options from a source environment JSON object.</summary>
    public static void ApplyJson(AwsSourceOptions options, string json)
    {
        const string where = "source environment";
        JsonDocument document;
        try
        {
            document = JsonDocument.Parse(json);
        }
        catch (JsonException error)
        {
            options.BindingErrors.Add($"{where}: not JSON: {error.Message}");
            return;
        }

        using (document)
        {
            if (document.RootElement.ValueKind != JsonValueKind.Object)
            {
                options.BindingErrors.Add($"{where}: must be a JSON object.");
                return;
            }

            foreach (var property in document.RootElement.EnumerateObject())
            {
                if (property.Value.ValueKind == JsonValueKind.Null || Find(property.Name, where, options) is not { } setting)
                {
                    continue;
                }

                var map = property.Value.ValueKind == JsonValueKind.Object
                    ? property.Value.EnumerateObject().DistinctBy(p => p.Name).ToDictionary(p => p.Name, p => Scalar(p.Value) ?? "")
                    : null;
                Set(options, $"{where}: {property.Name}", setting, Scalar(property.Value), map);
            }
        }
    }

    private static Setting? Find(string key, string where, AwsSourceOptions options)
    {
        var name = s_settings.Keys.FirstOrDefault(
            known => string.Equals(Squeeze(known), Squeeze(key), StringComparison.OrdinalIgnoreCase));
        if (name is not null)
        {
            return s_settings[name];
        }

        options.BindingErrors.Add($"{where}: '{key}' is not a known setting; known are {string.Join(", ", s_settings.Keys.Order())}.");
        return null;
    }

    private static void Set(AwsSourceOptions options, string where, Setting setting, string? text, Dictionary<string, string>? map)
    {
        var error = setting switch
        {
            { ApplyMap: { } apply } => ApplyMap(options, apply, text, map),
            { ApplyText: { } apply } => text is null ? "must be a single value." : apply(options, text.Trim()),
            _ => null,
        };
        if (error is not null)
        {
            options.BindingErrors.Add($"{where}: {error}");
        }
    }

    // oslo.config, which Coriolis reads its files with, writes a mapping as key:value,key:value.
    private static string? ApplyMap(
        AwsSourceOptions options, Action<AwsSourceOptions, Dictionary<string, string>> apply, string? text, Dictionary<string, string>? map)
    {
        if (map is null)
        {
            map = [];
            foreach (var pair in (text ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
            {
                var colon = pair.IndexOf(':', StringComparison.Ordinal);
                if (colon <= 0)
                {
                    return $"'{pair}' is not of the form key:value.";
                }

                map[pair[..colon].Trim()] = pair[(colon + 1)..].Trim();
            }
        }

        apply(options, map);
        return null;
    }

    private static void SetAll(IDictionary<string, string> target, Dictionary<string, string> values)
    {
        foreach (var (key, value) in values)
        {
            target[key] = value;
        }
    }

    private static string? Scalar(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString(),
        JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False => value.GetRawText(),
        _ => null,
    };

    private static string Squeeze(string key) => key.Replace("_", "", StringComparison.Ordinal);

    private static bool? ParseBoolean(string text) => text.ToUpperInvariant() switch
    {
        "TRUE" or "YES" or "ON" or "1" => true,
        "FALSE" or "NO" or "OFF" or "0" => false,
        _ => null,
    };

    private static Setting Text(Action<AwsSourceOptions, string> set) => new((options, text) =>
    {
        set(options, text);
        return null;
    });

    private static Setting Number(Action<AwsSourceOptions, int> set) => Parsed(
        "a whole number", text => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : null, set);

    private static Setting Duration(Action<AwsSourceOptions, TimeSpan> set) => Parsed(
        "a duration such as 00:10:00, or a number of seconds",
        text => double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var seconds) && seconds < 1e9
            ? TimeSpan.FromSeconds(seconds)
            : TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out var value) ? value : null,
        set);

    private static Setting Parsed<T>(string expected, Func<string, T?> parse, Action<AwsSourceOptions, T> set)
        where T : struct => new((options, text) =>
        {
            if (parse(text) is not { } value)
            {
                return $"'{text}' is not {expected}.";
            }

            set(options, value);
            return null;
        });

    /// <summary>One setting: either a single value, set by a function that returns what is wrong with it, or a mapping.</summary>
    private sealed record Setting(
        Func<AwsSourceOptions, string, string?>? ApplyText, Action<AwsSourceOptions, Dictionary<string, string>>? ApplyMap)
    {
        public Setting(Func<AwsSourceOptions, string, string?> apply)
            : this(apply, null)
        {
        }

        public Setting(Action<AwsSourceOptions, Dictionary<string, string>> apply)
            : this(null, apply)
        {
        }
    }
}
