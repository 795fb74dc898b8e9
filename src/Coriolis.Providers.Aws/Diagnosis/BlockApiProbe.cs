using Coriolis.Providers.Aws.Ebs;

namespace Coriolis.Providers.Aws;

/// <summary>Tries the block API on a snapshot: it has no dry runs.</summary>
internal sealed class BlockApiProbe(BlockApi blocks)
{
    // The least that the service accepts.
    private const int PageSize = 100;

    // A well-formed id of nothing, which at least shows whether the endpoint answers.
    private const string NoSnapshot = "snap-00000000000000000";

    private const string Check = "ebs:ListSnapshotBlocks";

    public string Url => blocks.Url;

    /// <summary>Tries to list the blocks of a snapshot.</summary>
    /// <param name="accountId">The account of the caller.</param>
    /// <param name="snapshotId">A completed snapshot; null when there is none, which at least shows whether the endpoint answers.</param>
    /// <param name="isOurs">Whether the snapshot has our tags: a policy that follows docs/permissions.md allows no other.</param>
    /// <param name="cancellationToken">Cancels the attempt.</param>
    public async Task<DoctorFinding> ProbeAsync(string accountId, string? snapshotId, bool isOurs, CancellationToken cancellationToken)
    {
        var client = blocks.GetClient(accountId);
        try
        {
            var request = new ListSnapshotBlocksRequest { SnapshotId = snapshotId ?? NoSnapshot, MaxResults = PageSize };
            using var page = await client.ListSnapshotBlocksAsync(request, cancellationToken).ConfigureAwait(false);
            return new DoctorFinding(Check, DoctorVerdict.Ok, $"Allowed: {snapshotId} can be read.");
        }
        catch (EbsException error) when (snapshotId is null && error.Status is not null && error.IsNotFound)
        {
            return new DoctorFinding(Check, DoctorVerdict.Skipped, "The endpoint answers; there is no completed snapshot to read.");
        }
        catch (EbsException error)
        {
            var known = AwsErrors.Create(error, client.Region, null);
            if (!isOurs && known is SourceAccessDeniedException)
            {
                return new DoctorFinding(
                    Check, DoctorVerdict.Skipped, "Not allowed on a snapshot that is not of ours, as it should be; there is none of ours to try it on.");
            }

            return new DoctorFinding(Check, DoctorVerdict.Failed, known.Message, known.Remedy);
        }
    }
}
