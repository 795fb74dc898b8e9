using System.Text.Json;
using System.Text.RegularExpressions;

namespace Coriolis.Providers.Aws;

/// <summary>Reads and checks connection info. Messages name fields, never the values of secrets.</summary>
internal static partial class AwsConnectionInfoReader
{
    /// <summary>The names of all fields.</summary>
    public static IReadOnlyList<string> Fields { get; } =
        ["region", "access_key_id", "secret_access_key", "session_token", "role_arn", "external_id", "profile", "endpoint_url"];

    public static AwsConnectionInfo Read(string json)
    {
        var errors = new List<string>();
        var values = ReadFields(json, errors);
        if (!values.ContainsKey("region") && errors.Count == 0)
        {
            errors.Add("region is missing.");
        }

        Uri? endpoint = null;
        if (values.TryGetValue("endpoint_url", out var url) && !Uri.TryCreate(url, UriKind.Absolute, out endpoint))
        {
            errors.Add("endpoint_url is not an absolute URL.");
        }

        var info = new AwsConnectionInfo
        {
            Region = values.GetValueOrDefault("region"),
            AccessKeyId = values.GetValueOrDefault("access_key_id"),
            SecretAccessKey = values.GetValueOrDefault("secret_access_key"),
            SessionToken = values.GetValueOrDefault("session_token"),
            RoleArn = values.GetValueOrDefault("role_arn"),
            ExternalId = values.GetValueOrDefault("external_id"),
            Profile = values.GetValueOrDefault("profile"),
            EndpointUrl = endpoint,
        };
        errors.AddRange(FindProblems(info));
        return errors.Count == 0 ? info : throw new FormatException("Invalid connection info: " + string.Join(" ", errors.Distinct()));
    }

    /// <summary>Lists what is wrong with connection info, wherever it came from.</summary>
    public static IEnumerable<string> FindProblems(AwsConnectionInfo info)
    {
        if (info.Region is not null && !RegionPattern().IsMatch(info.Region))
        {
            yield return $"region '{info.Region}' is not a region such as eu-west-1.";
        }

        if (info.AccessKeyId is null != info.SecretAccessKey is null)
        {
            yield return "access_key_id and secret_access_key must be given together.";
        }

        if (info.SessionToken is not null && info.AccessKeyId is null)
        {
            yield return "session_token needs access_key_id and secret_access_key.";
        }

        if (info.AccessKeyId is not null && info.Profile is not null)
        {
            yield return "Give either access_key_id or profile, not both.";
        }

        if (info.RoleArn is not null && !RolePattern().IsMatch(info.RoleArn))
        {
            yield return $"role_arn '{info.RoleArn}' is not the ARN of a role.";
        }

        if (info.ExternalId is not null && info.RoleArn is null)
        {
            yield return "external_id needs role_arn.";
        }

        if (info.EndpointUrl is { } endpoint && (!endpoint.IsAbsoluteUri || endpoint.Scheme is not ("http" or "https")))
        {
            yield return "endpoint_url must begin with http:// or https://.";
        }

        // Addresses are printed; and AWS takes no such thing.
        if (info.EndpointUrl is { IsAbsoluteUri: true, UserInfo.Length: > 0 })
        {
            yield return "endpoint_url must not contain a user or a password.";
        }
    }

    private static Dictionary<string, string> ReadFields(string json, List<string> errors)
    {
        var values = new Dictionary<string, string>();
        try
        {
            using var document = JsonDocument.Parse(json);
            if (document.RootElement.ValueKind != JsonValueKind.Object)
            {
                errors.Add("It must be a JSON object.");
                return values;
            }

            foreach (var property in document.RootElement.EnumerateObject())
            {
                if (!Fields.Contains(property.Name))
                {
                    errors.Add($"'{property.Name}' is not a known field; known are {string.Join(", ", Fields)}.");
                }
                else if (property.Value.ValueKind == JsonValueKind.String && property.Value.GetString() is { Length: > 0 } text)
                {
                    values[property.Name] = text;
                }
                else if (property.Value.ValueKind != JsonValueKind.Null)
                {
                    errors.Add($"{property.Name} must be a string that is not empty.");
                }
            }
        }
        catch (JsonException error)
        {
            // The reader's own message may quote what it read, secrets included.
            errors.Add($"It is not JSON: line {error.LineNumber + 1}, byte {error.BytePositionInLine + 1}.");
        }

        return values;
    }

    [GeneratedRegex("^[a-z]{2,4}(-[a-z]+)+-[0-9]+$")]
    private static partial Regex RegionPattern();

    [GeneratedRegex("^arn:aws[a-z-]*:iam::[0-9]{12}:role/.+$")]
    private static partial Regex RolePattern();
}
