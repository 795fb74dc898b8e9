using System.Text.Json;
using Coriolis.Aws.Emulator.Http;

namespace Coriolis.Aws.Emulator.Kms;

internal sealed partial class KmsService
{
    private async Task<Action<Utf8JsonWriter>> CreateKeyAsync(ServiceCall call, JsonRequest request, CancellationToken cancellationToken)
    {
        Authorize(call, "*");
        var key = await rings.ChangeAsync(
            call.Region,
            ring =>
            {
                var created = rings.NewKey(call.Region, ring, request.Boolean("MultiRegion") ?? false) with
                {
                    Description = request.Text("Description") ?? "",
                    KeySpec = request.Text("KeySpec") ?? request.Text("CustomerMasterKeySpec") ?? EncryptionKey.Symmetric,
                    KeyUsage = request.Text("KeyUsage") ?? "ENCRYPT_DECRYPT",
                };
                return ring.Keys[created.KeyId] = created;
            },
            cancellationToken).ConfigureAwait(false);
        return json => WriteMetadata(json, call, key);
    }

    private Action<Utf8JsonWriter> DescribeKey(ServiceCall call, JsonRequest request)
    {
        var key = RequireKey(call, request);
        if (faults.Take("kms:DescribeKey", key.KeyId, FaultKind.DisabledKey) is not null)
        {
            key = key with { State = EncryptionKey.Disabled };
        }

        return json => WriteMetadata(json, call, key);
    }

    private Action<Utf8JsonWriter> ListKeys(ServiceCall call, JsonRequest request)
    {
        Authorize(call, "*");
        var keys = rings.Get(call.Region).Keys.Values.OrderBy(key => key.KeyId, StringComparer.Ordinal);
        return json => WritePage(json, request, "Keys", keys, key =>
        {
            json.WriteStartObject();
            json.WriteString("KeyId", key.KeyId);
            json.WriteString("KeyArn", key.Arn);
            json.WriteEndObject();
        });
    }

    private async Task<Action<Utf8JsonWriter>> CreateAliasAsync(ServiceCall call, JsonRequest request, CancellationToken cancellationToken)
    {
        var name = request.Text("AliasName") ?? "";
        if (!name.StartsWith("alias/", StringComparison.Ordinal) || name.Length == "alias/".Length)
        {
            throw KmsErrors.Create("InvalidAliasNameException", "Alias must start with the prefix 'alias/' and a name. Please see the KMS API reference.");
        }

        if (name.StartsWith("alias/aws/", StringComparison.Ordinal))
        {
            throw KmsErrors.Create("NotAuthorizedException", "Aliases that begin with alias/aws/ are reserved.");
        }

        Authorize(call, rings.Arn(call.Region, name));
        var key = RequireKey(call, request, "TargetKeyId");
        await rings.ChangeAsync(
            call.Region,
            ring => ring.Aliases.TryAdd(name, new KeyAlias(name, key.KeyId, timeProvider.GetUtcNow()))
                ? true
                : throw KmsErrors.Create("AlreadyExistsException", $"An alias with the name {rings.Arn(call.Region, name)} already exists"),
            cancellationToken).ConfigureAwait(false);
        return Nothing;
    }

    private Action<Utf8JsonWriter> ListAliases(ServiceCall call, JsonRequest request)
    {
        Authorize(call, "*");
        var target = request.Text("KeyId") is null ? null : RequireKey(call, request).KeyId;
        var aliases = rings.Get(call.Region).Aliases.Values
            .Where(alias => target is null || alias.TargetKeyId == target)
            .OrderBy(alias => alias.Name, StringComparer.Ordinal);
        return json => WritePage(json, request, "Aliases", aliases, alias =>
        {
            json.WriteStartObject();
            json.WriteString("AliasName", alias.Name);
            json.WriteString("AliasArn", rings.Arn(call.Region, alias.Name));
            json.WriteString("TargetKeyId", alias.TargetKeyId);
            json.WriteTime("CreationDate", alias.CreatedAt);
            json.WriteTime("LastUpdatedDate", alias.CreatedAt);
            json.WriteEndObject();
        });
    }

    private async Task<Action<Utf8JsonWriter>> SetStateAsync(
        ServiceCall call, JsonRequest request, string state, CancellationToken cancellationToken)
    {
        var key = RequireCustomerKey(RequireKey(call, request));
        if (key.State == EncryptionKey.PendingDeletion)
        {
            throw KmsErrors.InvalidState(key);
        }

        await rings.ChangeAsync(call.Region, ring => ring.Keys[key.KeyId] = key with { State = state }, cancellationToken).ConfigureAwait(false);
        return Nothing;
    }

    private async Task<Action<Utf8JsonWriter>> ScheduleDeletionAsync(ServiceCall call, JsonRequest request, CancellationToken cancellationToken)
    {
        var key = RequireCustomerKey(RequireKey(call, request));
        if (key.State == EncryptionKey.PendingDeletion)
        {
            throw KmsErrors.InvalidState(key);
        }

        // ScheduleKeyDeletion: "The waiting period, … a value between 7 and 30. The default is 30."
        var days = request.Integer("PendingWindowInDays") ?? 30;
        if (days is < 7 or > 30)
        {
            throw KmsErrors.Invalid("PendingWindowInDays must be between 7 and 30");
        }

        var date = timeProvider.GetUtcNow().AddDays(days);
        await rings.ChangeAsync(
            call.Region,
            ring => ring.Keys[key.KeyId] = key with { State = EncryptionKey.PendingDeletion, DeletionDate = date },
            cancellationToken).ConfigureAwait(false);
        return json =>
        {
            json.WriteString("KeyId", key.Arn);
            json.WriteTime("DeletionDate", date);
            json.WriteString("KeyState", EncryptionKey.PendingDeletion);
            json.WriteNumber("PendingWindowInDays", days);
        };
    }

    private async Task<Action<Utf8JsonWriter>> CancelDeletionAsync(ServiceCall call, JsonRequest request, CancellationToken cancellationToken)
    {
        var key = RequireKey(call, request);
        if (key.State != EncryptionKey.PendingDeletion)
        {
            throw KmsErrors.Create("KMSInvalidStateException", $"{key.Arn} is not pending deletion.");
        }

        // CancelKeyDeletion: "When this operation completes, … the key state of the KMS key is Disabled."
        await rings.ChangeAsync(
            call.Region,
            ring => ring.Keys[key.KeyId] = key with { State = EncryptionKey.Disabled, DeletionDate = null },
            cancellationToken).ConfigureAwait(false);
        return json => json.WriteString("KeyId", key.Arn);
    }

    private static void WriteMetadata(Utf8JsonWriter json, ServiceCall call, EncryptionKey key)
    {
        json.WriteStartObject("KeyMetadata");
        json.WriteString("AWSAccountId", call.Identity.AccountId);
        json.WriteString("KeyId", key.KeyId);
        json.WriteString("Arn", key.Arn);
        json.WriteTime("CreationDate", key.CreatedAt);
        json.WriteBoolean("Enabled", key.State == EncryptionKey.Enabled);
        json.WriteString("Description", key.Description);
        json.WriteString("KeyUsage", key.KeyUsage);
        json.WriteString("KeyState", key.State);
        if (key.DeletionDate is { } date)
        {
            json.WriteTime("DeletionDate", date);
        }

        json.WriteString("Origin", "AWS_KMS");
        json.WriteString("KeyManager", key.AwsManaged ? "AWS" : "CUSTOMER");
        json.WriteString("CustomerMasterKeySpec", key.KeySpec);
        json.WriteString("KeySpec", key.KeySpec);
        if (key.KeySpec == EncryptionKey.Symmetric)
        {
            json.WriteStartArray("EncryptionAlgorithms");
            json.WriteStringValue(EncryptionKey.Symmetric);
            json.WriteEndArray();
        }

        json.WriteBoolean("MultiRegion", key.MultiRegion);
        if (key.MultiRegion)
        {
            json.WriteStartObject("MultiRegionConfiguration");
            json.WriteString("MultiRegionKeyType", "PRIMARY");
            json.WriteStartObject("PrimaryKey");
            json.WriteString("Arn", key.Arn);
            json.WriteString("Region", call.Region);
            json.WriteEndObject();
            json.WriteStartArray("ReplicaKeys");
            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }
}
