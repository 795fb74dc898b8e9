using System.Globalization;
using System.Text.Json;
using Coriolis.Aws.Emulator.Http;
using Coriolis.Aws.Emulator.Iam;

namespace Coriolis.Aws.Emulator.Kms;

/// <summary>The KMS API, version 2014-11-01: keys, aliases, grants and data keys.</summary>
internal sealed partial class KmsService(KeyRings rings, FaultPlan faults, TimeProvider timeProvider) : IAwsService
{
    private readonly KeyUse _use = new(rings);

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
            "RevokeGrant" => await RemoveGrantAsync(call, request, RequireKey(call, request), cancellationToken).ConfigureAwait(false),
            "Encrypt" => Encrypt(call, request),
            "Decrypt" => Decrypt(call, request),
            "GenerateDataKey" => GenerateDataKey(call, request, withPlaintext: true),
            "GenerateDataKeyWithoutPlaintext" => GenerateDataKey(call, request, withPlaintext: false),
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
        if (rings.Find(call.Region, name) is { } key) return Authorize(call, request, key);
        var isAlias = name.Contains("alias/", StringComparison.Ordinal);
        var arn = name.StartsWith("arn:", StringComparison.Ordinal) ? name : rings.Arn(call.Region, isAlias ? name : $"key/{name}");
        var caller = CallerOf(call);
        caller.Demand(new AccessRequest($"kms:{call.Operation}", arn, caller.Keys) { ResourceUnknown = true });
        throw KmsErrors.NotFound(isAlias ? $"Alias {arn}" : $"Key '{arn}'");
    }

    private Authorizer CallerOf(ServiceCall call) => new(call, timeProvider.GetUtcNow());

    private EncryptionKey Authorize(ServiceCall call, JsonRequest request, EncryptionKey key)
    {
        _use.Demand(CallerOf(call), call.Region, key, call.Operation, request.Map("EncryptionContext"));
        return key;
    }

    /// <summary>Throws unless the call is allowed on a resource that is not a key.</summary>
    private void Authorize(ServiceCall call, string resource)
    {
        var caller = CallerOf(call);
        caller.Demand(new AccessRequest($"kms:{call.Operation}", resource, caller.Keys));
    }

    /// <summary>Ends a dry run. Called when all checks are done and nothing is changed, because a dry run says whether the call would succeed.</summary>
    private static void EndDryRun(JsonRequest request)
    {
        if (request.Boolean("DryRun") is true) throw KmsErrors.DryRun();
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
