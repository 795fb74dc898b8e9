using System.Text;
using System.Text.Json;

namespace Coriolis.Providers.Aws;

/// <summary>Writes the least IAM policy that replication needs.</summary>
/// <remarks>Immutable; safe for concurrent use.</remarks>
public sealed record AwsIamPolicy
{
    /// <summary>The read path; <see cref="Coriolis.Providers.ReadPath.Auto"/> needs what both paths need.</summary>
    /// <value>The default is <see cref="Coriolis.Providers.ReadPath.Auto"/>.</value>
    public ReadPath ReadPath { get; init; } = ReadPath.Auto;

    /// <summary>Whether volumes are encrypted.</summary>
    /// <value>The default is <see langword="false"/>.</value>
    public bool Encrypted { get; init; }

    /// <summary>Whether the source instance is shut down, by a migration for example.</summary>
    /// <value>The default is <see langword="false"/>.</value>
    public bool ShutDown { get; init; }

    private PermissionUse Uses =>
        (ReadPath == ReadPath.Worker ? PermissionUse.Always : PermissionUse.ViaDirect)
        | (ReadPath == ReadPath.Direct ? PermissionUse.Always : PermissionUse.ViaWorker)
        | (Encrypted ? PermissionUse.Encrypted : PermissionUse.Always)
        | (ShutDown ? PermissionUse.ShutDown : PermissionUse.Always);

    /// <summary>Writes the policy document.</summary>
    /// <returns>JSON, for people to read and for IAM.</returns>
    public string ToJson()
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true }))
        {
            json.WriteStartObject();
            json.WriteString("Version", "2012-10-17");
            json.WriteStartArray("Statement");
            var statements = AwsPermissions.For(Uses)
                .SelectMany(permission => permission.Resources.Select(resource => (permission.Action, permission.Limit, Resource: resource)))
                .GroupBy(row => (row.Limit, row.Resource));
            foreach (var statement in statements)
            {
                WriteStatement(json, statement.Key.Limit, Arn(statement.Key.Resource), statement.Select(row => row.Action).Distinct());
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(stream.ToArray());
    }

    private static void WriteStatement(Utf8JsonWriter json, PermissionLimit limit, string arn, IEnumerable<string> actions)
    {
        json.WriteStartObject();
        json.WriteString("Effect", "Allow");
        json.WriteStartArray("Action");
        foreach (var action in actions)
        {
            json.WriteStringValue(action);
        }

        json.WriteEndArray();
        json.WriteString("Resource", arn);
        if (ConditionOf(limit) is var (test, key, value))
        {
            json.WriteStartObject("Condition");
            json.WriteStartObject(test);
            json.WriteString(key, value);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    private static (string Test, string Key, string Value)? ConditionOf(PermissionLimit limit) => limit switch
    {
        PermissionLimit.Ours => ("StringLike", $"aws:ResourceTag/{SnapshotTags.Owner}", "*"),
        PermissionLimit.BecomesOurs => ("StringLike", $"aws:RequestTag/{SnapshotTags.Owner}", "*"),
        PermissionLimit.WithCreation => ("StringLike", "ec2:CreateAction", "*"),
        _ => null,
    };

    // Snapshots and images have no account in their ARN.
    private static string Arn(string resource) => resource switch
    {
        "*" => "*",
        "key" => "arn:aws:kms:*:*:key/*",
        "snapshot" or "image" => $"arn:aws:ec2:*::{resource}/*",
        _ => $"arn:aws:ec2:*:*:{resource}/*",
    };
}
