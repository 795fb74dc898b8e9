using System.Globalization;
using System.Security.Cryptography;
using Coriolis.Aws.Emulator.Http;
using Coriolis.Aws.Emulator.State;
using Coriolis.Aws.Emulator.Storage;

namespace Coriolis.Aws.Emulator.Ebs;

/// <summary>PutSnapshotBlock and CompleteSnapshot.</summary>
internal sealed class BlockWrites(
    SnapshotAccess access, RegionSet regions, BlockStore blocks, FaultPlan faults, EmulatorDelays delays, TimeProvider timeProvider)
{
    public async Task PutBlockAsync(ServiceCall call, string snapshotId, string blockIndex, CancellationToken cancellationToken)
    {
        var (record, pending) = access.FindPending(call, snapshotId);
        if (!int.TryParse(blockIndex, NumberStyles.None, CultureInfo.InvariantCulture, out var index)
            || (index + 1L) * BlockStore.BlockSize > pending.Identity.VolumeSizeBytes)
        {
            throw EbsErrors.InvalidBlock($"Block {blockIndex} is not within the volume of {record.VolumeSizeGiB} GiB.");
        }

        if (Header(call, "x-amz-Data-Length") != "524288" || call.Body.Length != BlockStore.BlockSize)
        {
            throw EbsErrors.InvalidBlock($"The block has {call.Body.Length} bytes; the only supported length is 524288.");
        }

        RequireSha256(call);
        var digest = SHA256.HashData(call.Body.Span);
        var checksum = Convert.ToBase64String(digest);
        if (Header(call, "x-amz-Checksum") != checksum)
        {
            throw EbsErrors.InvalidBlock($"The checksum of block {index} does not match its data.");
        }

        await pending.PutAsync(index, call.Body, BlockDigest.From(digest), cancellationToken).ConfigureAwait(false);
        await PostponeTimeoutAsync(call.Region, record, cancellationToken).ConfigureAwait(false);
        call.Http.Response.StatusCode = 201;
        call.Http.Response.ContentLength = 0;
        call.Http.Response.Headers["x-amz-Checksum"] = checksum;
        call.Http.Response.Headers["x-amz-Checksum-Algorithm"] = "SHA256";
    }

    public async Task CompleteAsync(ServiceCall call, string snapshotId, CancellationToken cancellationToken)
    {
        var (_, pending) = access.FindPending(call, snapshotId);
        var count = Header(call, "x-amz-ChangedBlocksCount");
        if (count != pending.WrittenCount.ToString(CultureInfo.InvariantCulture))
        {
            throw EbsErrors.InvalidParameter($"ChangedBlocksCount is '{count}', but {pending.WrittenCount} blocks were written.");
        }

        CheckAggregate(call, pending);

        // A client that gives up now must not leave bytes that are complete and a record that is not.
        await blocks.CompleteSnapshotAsync(call.Region, snapshotId, CancellationToken.None).ConfigureAwait(false);
        var status = await regions.Get(call.Region)
            .ExclusiveAsync(() => FinishAsync(call.Region, snapshotId, CancellationToken.None), CancellationToken.None)
            .ConfigureAwait(false);
        await JsonAnswer.WriteAsync(call, 202, "application/json", json => json.WriteString("Status", status), cancellationToken).ConfigureAwait(false);
    }

    private static void CheckAggregate(ServiceCall call, PendingSnapshot pending)
    {
        if (Header(call, "x-amz-Checksum") is not { } checksum)
        {
            return;
        }

        RequireSha256(call);
        if (Header(call, "x-amz-Checksum-Aggregation-Method") != "LINEAR")
        {
            throw EbsErrors.InvalidParameter("ChecksumAggregationMethod must be LINEAR.");
        }

        if (checksum != Convert.ToBase64String(pending.ComputeLinearDigest()))
        {
            throw EbsErrors.InvalidParameter("The aggregated checksum does not match the written blocks.");
        }
    }

    private static void RequireSha256(ServiceCall call)
    {
        if (Header(call, "x-amz-Checksum-Algorithm") != "SHA256")
        {
            throw EbsErrors.InvalidParameter("ChecksumAlgorithm must be SHA256.");
        }
    }

    private static string? Header(ServiceCall call, string name) => call.Http.Request.Headers[name].ToString() is { Length: > 0 } value ? value : null;

    private async Task<string> FinishAsync(string regionName, string snapshotId, CancellationToken cancellationToken)
    {
        var region = regions.Get(regionName);
        var record = region.State.Snapshots[snapshotId];
        var now = timeProvider.GetUtcNow();
        var wait = delays.Snapshot + delays.SnapshotPerGiB * record.VolumeSizeGiB;
        if (faults.Take("ebs:CompleteSnapshot", snapshotId, FaultKind.FailedSnapshot) is not null)
        {
            record = record with { State = "error", Next = null };
        }
        else if (faults.Take("ebs:CompleteSnapshot", snapshotId, FaultKind.StuckSnapshot) is not null)
        {
            record = record with { Next = null };
        }
        else if (wait == TimeSpan.Zero)
        {
            record = record with { State = "completed", Next = null, CompletionTime = now };
        }
        else
        {
            record = record with { Next = new Transition("completed", now + wait) };
        }

        region.State.Snapshots[snapshotId] = record;
        await region.SaveAsync(cancellationToken).ConfigureAwait(false);
        return record.State;
    }

    /// <summary>Lets the time limit start anew after a block, saving the state at most once a minute.</summary>
    private async Task PostponeTimeoutAsync(string regionName, SnapshotRecord record, CancellationToken cancellationToken)
    {
        if (record.WriteTimeout is not { } timeout || record.Next?.At > timeProvider.GetUtcNow() + timeout - TimeSpan.FromMinutes(1))
        {
            return;
        }

        var region = regions.Get(regionName);
        await region.ExclusiveAsync(
            async () =>
            {
                var now = timeProvider.GetUtcNow();
                if (region.State.Snapshots.TryGetValue(record.Id, out var current) && current.At(now) is { State: "pending", Next.To: "error" })
                {
                    region.State.Snapshots[record.Id] = current with { Next = new Transition("error", now + timeout) };
                    await region.SaveAsync(cancellationToken).ConfigureAwait(false);
                }

                return true;
            },
            cancellationToken).ConfigureAwait(false);
    }
}
