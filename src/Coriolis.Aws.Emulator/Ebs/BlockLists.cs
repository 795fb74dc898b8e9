using System.Globalization;
using System.Text.Json;
using Coriolis.Aws.Emulator.Http;
using Coriolis.Aws.Emulator.Storage;

namespace Coriolis.Aws.Emulator.Ebs;

/// <summary>ListSnapshotBlocks and ListChangedBlocks.</summary>
internal sealed class BlockLists(SnapshotAccess access, TokenIssuer tokens, FaultPlan faults)
{
    private const int MinResults = 100;
    private const int MaxResults = 10_000;

    // A page also ends after this many blocks were looked at, so that a huge, nearly empty snapshot is listed in short and empty pages
    // (which AWS announces in the model of MaxResults) rather than by one request of many seconds.
    private const int MaxScanned = 1_000_000;

    public async Task ListBlocksAsync(ServiceCall call, string snapshotId, CancellationToken cancellationToken)
    {
        var (record, content) = access.OpenCompleted(call, snapshotId);
        using var lease = content;
        var blockScope = tokens.BlockScope(call.Region, snapshotId);
        var page = OpenPage(call, snapshotId, null, content.BlockCount);
        await WriteAsync(
            call,
            page,
            record.VolumeSizeGiB,
            blockScope.ExpiresAt,
            "Blocks",
            content.FindNext,
            (json, index) => json.WriteString("BlockToken", blockScope.Issue(index)),
            cancellationToken).ConfigureAwait(false);
    }

    public async Task ListChangesAsync(ServiceCall call, string secondId, CancellationToken cancellationToken)
    {
        var firstId = call.Http.Request.Query["firstSnapshotId"].ToString();
        if (firstId.Length == 0)
        {
            throw EbsErrors.InvalidParameter("FirstSnapshotId must be specified with SecondSnapshotId.");
        }

        var (record, second) = access.OpenCompleted(call, secondId);
        using var secondLease = second;
        var (_, first) = access.OpenCompleted(call, firstId);
        using var firstLease = first;
        if (first.Identity.Lineage != second.Identity.Lineage)
        {
            throw EbsErrors.Invalid("UNRELATED_SNAPSHOTS", $"The snapshots '{firstId}' and '{secondId}' are not of the same volume lineage.");
        }

        var firstScope = tokens.BlockScope(call.Region, firstId);
        var secondScope = tokens.BlockScope(call.Region, secondId);
        var page = OpenPage(call, secondId, firstId, Math.Max(first.BlockCount, second.BlockCount));
        await WriteAsync(
            call,
            page,
            record.VolumeSizeGiB,
            secondScope.ExpiresAt,
            "ChangedBlocks",
            (from, end) => second.FindNextChange(first, from, end),
            (json, index) =>
            {
                if (first.GetVersion(index) != SnapshotContent.Hole)
                {
                    json.WriteString("FirstBlockToken", firstScope.Issue(index));
                }

                if (second.GetVersion(index) != SnapshotContent.Hole)
                {
                    json.WriteString("SecondBlockToken", secondScope.Issue(index));
                }
            },
            cancellationToken).ConfigureAwait(false);
    }

    private PageRequest OpenPage(ServiceCall call, string snapshotId, string? firstSnapshotId, int blockCount)
    {
        var query = call.Http.Request.Query;
        var scope = tokens.PageScope(call.Region, firstSnapshotId, snapshotId);
        var start = ReadInteger(call, "startingBlockIndex") ?? 0;
        if (query["pageToken"].ToString() is { Length: > 0 } token)
        {
            start = scope.Verify(token) ?? throw EbsErrors.Invalid("INVALID_PAGE_TOKEN", "The page token is not valid for this request or has expired.");
        }

        var limit = ReadInteger(call, "maxResults") ?? MaxResults;
        if (limit > MaxResults)
        {
            throw EbsErrors.InvalidParameter($"MaxResults is {limit}; it must be between {MinResults} and {MaxResults}.");
        }

        limit = Math.Max(limit, MinResults);
        if (TakeFault(FaultKind.EmptyPage))
        {
            limit = 0;
        }
        else if (TakeFault(FaultKind.ShortPage))
        {
            limit = Math.Max(1, limit / 10);
        }

        return new PageRequest(scope, start, limit, blockCount);

        bool TakeFault(FaultKind kind) => faults.Take($"ebs:{call.Operation}", snapshotId, kind) is not null;
    }

    private static int? ReadInteger(ServiceCall call, string name)
    {
        if (call.Http.Request.Query[name].ToString() is not { Length: > 0 } text)
        {
            return null;
        }

        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw EbsErrors.InvalidParameter($"{name} is '{text}'; it must be a number that is not negative.");
    }

    private static async Task WriteAsync(
        ServiceCall call,
        PageRequest page,
        int volumeSizeGiB,
        DateTimeOffset expiresAt,
        string member,
        Func<int, int, int> findNext,
        Action<Utf8JsonWriter, int> writeTokens,
        CancellationToken cancellationToken)
    {
        call.Http.Response.ContentType = "application/json";
        using var json = new Utf8JsonWriter(call.Http.Response.BodyWriter);
        json.WriteStartObject();
        json.WriteStartArray(member);
        var next = page.Start;
        var end = (int)Math.Min(page.BlockCount, (long)page.Start + MaxScanned);
        for (var written = 0; next < end && written < page.Limit; written++)
        {
            var index = findNext(next, end);
            if (index < 0)
            {
                next = end;
                break;
            }

            json.WriteStartObject();
            json.WriteNumber("BlockIndex", index);
            writeTokens(json, index);
            json.WriteEndObject();
            next = index + 1;
        }

        json.WriteEndArray();
        json.WriteTime("ExpiryTime", expiresAt);
        json.WriteNumber("VolumeSize", volumeSizeGiB);
        json.WriteNumber("BlockSize", BlockStore.BlockSize);

        // A full page is looked past, so that the last one carries no token.
        if (next < end && page.Limit > 0 && findNext(next, end) is < 0)
        {
            next = end;
        }

        if (next < page.BlockCount)
        {
            json.WriteString("NextToken", page.Scope.Issue(next));
        }

        json.WriteEndObject();
        await json.FlushAsync(cancellationToken).ConfigureAwait(false);
        await call.Http.Response.BodyWriter.FlushAsync(cancellationToken).ConfigureAwait(false);
    }

    private sealed record PageRequest(TokenIssuer.TokenScope Scope, int Start, int Limit, int BlockCount);
}
