using System.Security.Cryptography;
using System.Text.Json;
using Coriolis.Aws.Emulator.Ec2.Protocol;
using Coriolis.Aws.Emulator.Http;
using Coriolis.Aws.Emulator.Kms;
using Coriolis.Aws.Emulator.State;
using Coriolis.Aws.Emulator.Storage;

namespace Coriolis.Aws.Emulator.Ebs;

/// <summary>StartSnapshot.</summary>
internal sealed class SnapshotStarts(
    SnapshotAccess access, RegionSet regions, BlockStore blocks, KeyRings keys, EmulatorQuotas quotas, TimeProvider timeProvider)
{
    private const string Operation = "StartSnapshot";
    private const int MaxVolumeSizeGiB = 65_536;
    private const int MaxTags = 50;
    private const long GiB = 1L << 30;

    public async Task StartAsync(ServiceCall call, CancellationToken cancellationToken)
    {
        using var request = JsonRequest.Parse(call.Body);
        var region = regions.Get(call.Region);

        // Once begun, the bytes and the record are made together, whether the client still waits or not.
        var record = await region.ExclusiveAsync(() => CreateAsync(call, region, request, CancellationToken.None), cancellationToken)
            .ConfigureAwait(false);
        await JsonAnswer.WriteAsync(call, 201, "application/json", json => WriteRecord(json, record), cancellationToken).ConfigureAwait(false);
    }

    private async Task<SnapshotRecord> CreateAsync(ServiceCall call, Region region, JsonRequest request, CancellationToken cancellationToken)
    {
        var now = timeProvider.GetUtcNow();
        var token = request.Text("ClientToken");
        var digest = Convert.ToHexStringLower(SHA256.HashData(call.Body.Span));
        if (token is not null && ClientTokens.Find(region.State, Operation, token, now) is { } used)
        {
            return used.ParametersDigest == digest && region.State.Snapshots.TryGetValue(used.ResourceIds[0], out var previous)
                ? previous.At(now)
                : throw new AwsErrorException("ConflictException", 409, "The client token was used before with other parameters.");
        }

        if (region.State.Snapshots.Values.Count(snapshot => snapshot.At(now).State == "pending") >= quotas.PendingSnapshots)
        {
            throw new AwsErrorException("ConcurrentLimitExceededException", 400, "The limit of concurrent snapshots has been reached.");
        }

        var record = Describe(call, region, request, now);
        await blocks.StartSnapshotAsync(call.Region, record.Id, record.VolumeSizeGiB * GiB, record.ParentSnapshotId, cancellationToken)
            .ConfigureAwait(false);
        region.State.Snapshots[record.Id] = record;
        if (token is not null) ClientTokens.Remember(region.State, Operation, token, new IdempotencyRecord(digest, [record.Id], now));
        await region.SaveAsync(cancellationToken).ConfigureAwait(false);
        return record;
    }

    private SnapshotRecord Describe(ServiceCall call, Region region, JsonRequest request, DateTimeOffset now)
    {
        var sizeGiB = request.Integer("VolumeSize");
        if (sizeGiB is null or < 1 or > MaxVolumeSizeGiB)
        {
            throw EbsErrors.Invalid("INVALID_VOLUME_SIZE", $"VolumeSize must be between 1 and {MaxVolumeSizeGiB} GiB.");
        }

        var timeout = request.Integer("Timeout") ?? 60;
        if (timeout is < 10 or > 4320)
        {
            throw EbsErrors.InvalidParameter("Timeout must be between 10 and 4320 minutes.");
        }

        var tags = ReadTags(request);
        access.DemandStart(call, tags);
        var parent = FindParent(call, request, sizeGiB.Value);
        var keyArn = parent is not null ? parent.KmsKeyArn : ChooseKey(call, region, request);
        access.CheckKey(call, keyArn, "GenerateDataKeyWithoutPlaintext");
        var (id, sequence) = region.NextId("snap");
        return new SnapshotRecord
        {
            Id = id,
            Sequence = sequence,
            OwnerId = region.AccountId,
            VolumeId = SnapshotRecord.NoVolume,
            VolumeSizeGiB = (int)sizeGiB.Value,
            State = "pending",
            Next = new Transition("error", now.AddMinutes(timeout)),
            WriteTimeout = TimeSpan.FromMinutes(timeout),
            StartTime = now,
            Description = request.Text("Description") ?? "",
            Encrypted = keyArn is not null,
            KmsKeyArn = keyArn,
            ParentSnapshotId = parent?.Id,
            Tags = tags,
        };
    }

    private SnapshotRecord? FindParent(ServiceCall call, JsonRequest request, long sizeGiB)
    {
        if (request.Text("ParentSnapshotId") is not { } parentId)
        {
            return null;
        }

        if (request.Boolean("Encrypted") is not null)
        {
            throw EbsErrors.InvalidParameter("ParentSnapshotId and Encrypted cannot be specified together.");
        }

        var (parent, content) = access.OpenCompleted(call, parentId);
        using var lease = content;
        if (content is SyntheticSnapshot)
        {
            throw EbsErrors.InvalidParameter($"The emulator cannot build on '{parentId}', which is of a synthetic volume.");
        }

        return sizeGiB >= parent.VolumeSizeGiB
            ? parent
            : throw EbsErrors.Invalid("INVALID_VOLUME_SIZE", $"VolumeSize must not be less than the {parent.VolumeSizeGiB} GiB of the parent.");
    }

    private string? ChooseKey(ServiceCall call, Region region, JsonRequest request)
    {
        var named = request.Text("KmsKeyArn");
        if (request.Boolean("Encrypted") ?? region.State.EncryptionByDefault)
        {
            var name = named ?? region.State.DefaultKmsKey;
            return name is null ? keys.GetDefault(call.Region).Arn : keys.Find(call.Region, name)?.Arn ?? throw EbsErrors.KeyUnknown(name);
        }

        return named is null ? null : throw EbsErrors.InvalidParameter("KmsKeyArn requires Encrypted to be true.");
    }

    private static Dictionary<string, string> ReadTags(JsonRequest request)
    {
        var tags = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var tag in request.Structures("Tags"))
        {
            var (key, value) = (tag.GetValueOrDefault("Key", ""), tag.GetValueOrDefault("Value", ""));
            if (key.Length is 0 or > 127 || value.Length > 255 || key.StartsWith("aws:", StringComparison.Ordinal) || !tags.TryAdd(key, value))
            {
                throw EbsErrors.Invalid("INVALID_TAG", $"The tag key '{key}' is given twice, reserved, or it or its value is too long.");
            }
        }

        return tags.Count <= MaxTags ? tags : throw EbsErrors.Invalid("INVALID_TAG", $"A snapshot can have at most {MaxTags} tags.");
    }

    private static void WriteRecord(Utf8JsonWriter json, SnapshotRecord record)
    {
        json.WriteString("SnapshotId", record.Id);
        json.WriteString("OwnerId", record.OwnerId);
        json.WriteString("Status", record.State);
        json.WriteTime("StartTime", record.StartTime);
        json.WriteNumber("VolumeSize", record.VolumeSizeGiB);
        json.WriteNumber("BlockSize", BlockStore.BlockSize);
        json.WriteString("Description", record.Description);
        json.WriteOptional("ParentSnapshotId", record.ParentSnapshotId);
        json.WriteOptional("KmsKeyArn", record.KmsKeyArn);
        json.WriteString("SseType", record.Encrypted ? "sse-kms" : "none");
        json.WriteStartArray("Tags");
        foreach (var (key, value) in record.Tags)
        {
            json.WriteStartObject();
            json.WriteString("Key", key);
            json.WriteString("Value", value);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }
}
