using Microsoft.Extensions.Options;

namespace Coriolis.Providers.Aws;

/// <summary>Checks what bounds cannot say: tags, image ids, how options relate, and what could not be bound at all.</summary>
internal sealed class AwsSourceOptionsRulesValidator : IValidateOptions<AwsSourceOptions>
{
    // Amazon EC2 User Guide, "Tag your Amazon EC2 resources": 50 tags, key 128, value 256 characters, no aws: prefix.
    private const int MaxTags = 50;
    private const int MaxTagKeyLength = 128;
    private const int MaxTagValueLength = 256;

    public ValidateOptionsResult Validate(string? name, AwsSourceOptions options)
    {
        var result = new ValidateOptionsResultBuilder();
        foreach (var error in options.BindingErrors)
        {
            result.AddError(error);
        }

        foreach (var (os, image) in options.MigrImageMap)
        {
            if (os.ToUpperInvariant() is not ("LINUX" or "WINDOWS"))
            {
                result.AddError($"migr_image_map: '{os}' is not a known guest OS; use linux or windows.");
            }

            CheckImage(result, $"migr_image_map.{os}", image);
        }

        if (options.ExportImage is { } exportImage)
        {
            CheckImage(result, "export_image", exportImage);
        }

        CheckTags(result, options.ExtraTags);
        CheckDuration(result, "snapshot_expiry", options.SnapshotExpiry, TimeSpan.FromHours(1), TimeSpan.FromDays(365));
        CheckDuration(result, "poll_interval", options.PollInterval, TimeSpan.FromMilliseconds(10), TimeSpan.FromMinutes(10));
        CheckDuration(result, "snapshot_stall_timeout", options.SnapshotStallTimeout, TimeSpan.Zero, TimeSpan.FromDays(30));
        CheckDuration(result, "worker_boot_timeout", options.WorkerBootTimeout, TimeSpan.FromSeconds(1), TimeSpan.FromHours(1));
        CheckDuration(result, "worker_attach_timeout", options.WorkerAttachTimeout, TimeSpan.FromSeconds(1), TimeSpan.FromHours(1));
        CheckDuration(result, "worker_stall_timeout", options.WorkerStallTimeout, TimeSpan.FromSeconds(1), TimeSpan.FromHours(1));
        CheckDuration(result, "worker_lease", options.WorkerLease, TimeSpan.FromMinutes(3), TimeSpan.FromDays(1));
        if (options.WorkerAllowedCidr is { } cidr && !System.Net.IPNetwork.TryParse(cidr, out _))
        {
            result.AddError($"worker_allowed_cidr: '{cidr}' is not a network such as 203.0.113.7/32.");
        }

        CheckDuration(result, "stop_timeout", options.StopTimeout, TimeSpan.FromSeconds(10), TimeSpan.FromDays(1));
        CheckDuration(result, "release_timeout", options.ReleaseTimeout, TimeSpan.FromSeconds(10), TimeSpan.FromDays(1));
        CheckDuration(result, "attempt_timeout", options.AttemptTimeout, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(10));
        CheckDuration(result, "retry_budget", options.RetryBudget, TimeSpan.Zero, TimeSpan.FromDays(1));
        if (options.PollInterval > options.StopTimeout)
        {
            result.AddError($"poll_interval ({options.PollInterval}) must not exceed stop_timeout ({options.StopTimeout}).");
        }

        return result.Build();
    }

    private static void CheckDuration(ValidateOptionsResultBuilder result, string setting, TimeSpan value, TimeSpan min, TimeSpan max)
    {
        if (value < min || value > max)
        {
            result.AddError($"{setting}: {value} is not between {min} and {max}.");
        }
    }

    private static void CheckImage(ValidateOptionsResultBuilder result, string setting, string image)
    {
        if (!image.StartsWith("ami-", StringComparison.Ordinal) || image.Length < 12 || !image.AsSpan(4).ToString().All(char.IsAsciiHexDigitLower))
        {
            result.AddError($"{setting}: '{image}' is not an image id such as ami-0123456789abcdef0.");
        }
    }

    private static void CheckTags(ValidateOptionsResultBuilder result, IDictionary<string, string> tags)
    {
        if (tags.Count > MaxTags - SnapshotTags.ReservedCount)
        {
            result.AddError($"extra_tags: {tags.Count} tags; at most {MaxTags - SnapshotTags.ReservedCount} fit beside the library's own.");
        }

        foreach (var (key, value) in tags)
        {
            if (key.Length is 0 or > MaxTagKeyLength || value.Length > MaxTagValueLength)
            {
                result.AddError($"extra_tags: '{key}' needs 1 to {MaxTagKeyLength} characters in its key and at most {MaxTagValueLength} in its value.");
            }

            if (key == "Name" || SnapshotTags.IsReserved(key) || key.StartsWith("aws:", StringComparison.OrdinalIgnoreCase))
            {
                result.AddError($"extra_tags: '{key}' is reserved.");
            }
        }
    }
}
