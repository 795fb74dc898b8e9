using Coriolis.Aws.Emulator.Http;
using Coriolis.Aws.Emulator.Kms;
using Coriolis.Aws.Emulator.State;
using Coriolis.Aws.Emulator.Storage;

namespace Coriolis.Aws.Emulator.Ebs;

/// <summary>The EBS direct APIs, version 2019-11-02.</summary>
internal sealed class EbsService(BlockLists lists, BlockReads reads, SnapshotStarts starts, BlockWrites writes, RequestBudget budget) : IAwsService
{
    public static EbsService Create(AwsEmulatorOptions options, RegionSet regions, BlockStore blocks, KeyRings keys)
    {
        var time = options.TimeProvider;
        var access = new SnapshotAccess(regions, blocks, keys, time);
        var tokens = new TokenIssuer(options.Seed, time);
        return new EbsService(
            new BlockLists(access, tokens, options.Faults),
            new BlockReads(access, tokens),
            new SnapshotStarts(access, regions, blocks, keys, options.Quotas, time),
            new BlockWrites(access, regions, blocks, options.Faults, options.Delays, time),
            new RequestBudget(options.BlockApiQuotas, time));
    }

    public Task HandleAsync(ServiceCall call, CancellationToken cancellationToken)
    {
        var segments = call.Http.Request.Path.Value!.Trim('/').Split('/');
        var snapshotId = segments switch
        {
            [_, "completion", var id] => id,
            [_, var id, ..] => id,
            _ => "",
        };
        budget.Spend(call, snapshotId);
        return call.Operation switch
        {
            "GetSnapshotBlock" => reads.GetBlockAsync(call, snapshotId, segments[3], cancellationToken),
            "ListSnapshotBlocks" => lists.ListBlocksAsync(call, snapshotId, cancellationToken),
            "ListChangedBlocks" => lists.ListChangesAsync(call, snapshotId, cancellationToken),
            "StartSnapshot" => starts.StartAsync(call, cancellationToken),
            "PutSnapshotBlock" => writes.PutBlockAsync(call, snapshotId, segments[3], cancellationToken),
            "CompleteSnapshot" => writes.CompleteAsync(call, snapshotId, cancellationToken),
            _ => throw new AwsErrorException("UnknownOperationException", 404, "The path and method are not those of any operation."),
        };
    }
}
