using System.Globalization;
using System.Text.Json;
using Coriolis.Aws.Emulator.Http;

namespace Coriolis.Aws.Emulator.Kms;

/// <summary>The KMS API, version 2014-11-01: keys, aliases and grants. It keeps no key material; EBS only asks for a key's state.</summary>
internal sealed partial class KmsService(KeyRings rings, FaultPlan faults, TimeProvider timeProvider) : IAwsService
{
    public async Task HandleAsync(ServiceCall call, CancellationToken cancellationToken)
    {
        using var request = JsonRequest.Parse(call.Body);
        Action<Utf8JsonWriter> answer = call.Operation switch
        {
            "CreateKey" => await CreateKeyAsync(call, request, cancellationToken).ConfigureAwait(false),
            "DescribeKey" => DescribeKey(call, request),
            "ListKeys" => ListKeys(call, request),
            "CreateAlias" => await CreateAliasAsync(call, request, cancellationToken).ConfigureAwait(false),
            "ListAliases" => ListAliases(call, request),
            "EnableKey" => await SetStateAsync(call, request, EncryptionKey.Enabled, cancellationToken).ConfigureAwait(false),
            "DisableKey" => await SetStateAsync(call, request, EncryptionKey.Disabled, cancellationToken).ConfigureAwait(false),
            "ScheduleKeyDeletion" => await ScheduleDeletionAsync(call, request, cancellationToken).ConfigureAwait(false),
            "CancelKeyDeletion" => await CancelDeletionAsync(call, request, cancellationToken).ConfigureAwait(false),
            "CreateGrant" => await CreateGrantAsync(call, request, cancellationToken).ConfigureAwait(false),
            "ListGrants" => ListGrants(call, request),
            "RevokeGrant" => await RemoveGrantAsync(call, RequireKey(call, request), request.Text("GrantId"), cancellationToken).ConfigureAwait(false),
            "RetireGrant" => await RetireGrantAsync(call, request, cancellationToken).ConfigureAwait(false),
            _ => throw KmsErrors.Create("UnknownOperationException", $"The operation '{call.Operation}' is not emulated."),
        };
        await JsonAnswer.WriteAsync(call, 200, "application/x-amz-json-1.1", answer, cancellationToken).ConfigureAwait(false);
    }

    private static void Nothing(Utf8JsonWriter json)
    {
    }

    private EncryptionKey RequireKey(ServiceCall call, JsonRequest request, string member = "KeyId")
    {
        var name = request.Text(member) ?? throw KmsErrors.Invalid($"1 validation error detected: Value null at '{member}' failed to satisfy constraint: Member must not be null");
        return rings.Find(call.Region, name) ?? throw KmsErrors.NotFound(name.Contains("alias/", StringComparison.Ordinal)
            ? $"Alias {rings.Arn(call.Region, name[name.IndexOf("alias/", StringComparison.Ordinal)..])}"
            : $"Key '{(name.StartsWith("arn:", StringComparison.Ordinal) ? name : rings.Arn(call.Region, $"key/{name}"))}'");
    }

    private static EncryptionKey RequireCustomerKey(EncryptionKey key) => key.AwsManaged
        ? throw KmsErrors.Create("AccessDeniedException", $"{key.Arn} is managed by AWS and cannot be changed.")
        : key;

    /// <summary>Writes one page of a list: the marker is the number of entries before it.</summary>
    private static void WritePage<T>(Utf8JsonWriter json, JsonRequest request, string member, IEnumerable<T> all, Action<T> write)
    {
        var limit = (int)Math.Clamp(request.Integer("Limit") ?? 100, 1, 1000);
        var start = 0;
        if (request.Text("Marker") is { } marker && (!int.TryParse(marker, NumberStyles.None, CultureInfo.InvariantCulture, out start)))
        {
            throw KmsErrors.Create("InvalidMarkerException", "Could not deserialize marker.");
        }

        var page = all.Skip(start).Take(limit + 1).ToList();
        json.WriteStartArray(member);
        page.Take(limit).ToList().ForEach(write);
        json.WriteEndArray();
        json.WriteBoolean("Truncated", page.Count > limit);
        if (page.Count > limit)
        {
            json.WriteString("NextMarker", (start + limit).ToString(CultureInfo.InvariantCulture));
        }
    }
}
