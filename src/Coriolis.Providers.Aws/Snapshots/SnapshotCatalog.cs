using Amazon.EC2;
using Amazon.EC2.Model;
using Microsoft.Extensions.Logging;

namespace Coriolis.Providers.Aws;

/// <summary>Finds, marks and deletes snapshots of ours. Tags are the only truth about whose a snapshot is.</summary>
internal sealed class SnapshotCatalog(
    IAmazonEC2 ec2, AwsGateway gateway, AwsSourceOptions options, TimeProvider timeProvider, Random random, ILogger logger)
{
    private const int PageSize = 1000;

    /// <summary>Finds the snapshots of this account that carry all the given tags.</summary>
    /// <param name="tags">Tag keys with the value that they must have; null for any.</param>
    /// <param name="cancellationToken">Cancels the search.</param>
    public async Task<IReadOnlyList<Snapshot>> FindAsync(
        IReadOnlyList<KeyValuePair<string, string?>> tags, CancellationToken cancellationToken)
    {
        var request = new DescribeSnapshotsRequest
        {
            // Without an owner, EC2 lists every public snapshot there is.
            OwnerIds = ["self"],
            MaxResults = PageSize,
            Filters =
            [
                .. tags.Select(tag => tag.Value is null
                    ? Ec2Names.Filter("tag-key", tag.Key)
                    : Ec2Names.Filter($"tag:{tag.Key}", Ec2Names.Literal(tag.Value))),
            ],
        };
        var found = new List<Snapshot>();
        do
        {
            var response = await gateway.InvokeAsync(
                new AwsCall("ec2", "DescribeSnapshots"),
                token => ec2.DescribeSnapshotsAsync(request, token),
                cancellationToken).ConfigureAwait(false);
            found.AddRange(response.Snapshots ?? []);
            request.NextToken = response.NextToken;
        }
        while (!string.IsNullOrEmpty(request.NextToken));

        return found;
    }

    /// <summary>Turns a capture into a baseline. Idempotent.</summary>
    public async Task MarkAsBaselineAsync(string snapshotId, string diskId, CancellationToken cancellationToken)
    {
        var request = new CreateTagsRequest { Resources = [snapshotId], Tags = SnapshotTags.ForBaseline(diskId) };
        await gateway.InvokeAsync(
            new AwsCall("ec2", "CreateTags", snapshotId),
            token => ec2.CreateTagsAsync(request, token),
            cancellationToken).ConfigureAwait(false);
        logger.BaselineKept(snapshotId, diskId);
    }

    /// <summary>
    /// Deletes a snapshot; one that is gone already is a success. While it is in use, or EC2 has not heard of it everywhere, tries again
    /// until the token ends it.
    /// </summary>
    /// <param name="snapshotId">The snapshot.</param>
    /// <param name="isUnseen">Whether it was created so recently that EC2 has not shown it yet: then it is waited for.</param>
    /// <param name="cancellationToken">Ends the attempts.</param>
    /// <exception cref="CoriolisException">It cannot be deleted.</exception>
    public async Task DeleteAsync(string snapshotId, bool isUnseen, CancellationToken cancellationToken)
    {
        var started = timeProvider.GetTimestamp();
        var request = new DeleteSnapshotRequest { SnapshotId = snapshotId };
        var backoff = new Backoff(TimeSpan.FromSeconds(1), options.PollInterval, timeProvider, random);
        while (true)
        {
            try
            {
                await gateway.InvokeAsync(
                    new AwsCall("ec2", "DeleteSnapshot", snapshotId),
                    token => ec2.DeleteSnapshotAsync(request, token),
                    cancellationToken).ConfigureAwait(false);
                logger.SnapshotDeleted(snapshotId);
                return;
            }
            catch (CoriolisException error) when (AwsErrors.IsNotFound(error) || AwsErrors.RetryOf(error) == AwsRetry.Later)
            {
                // EC2 is eventually consistent: the server that was asked may not have heard of a new snapshot yet.
                if (AwsErrors.IsNotFound(error)
                    && !(isUnseen && timeProvider.GetElapsedTime(started) < AwsGateway.NotYet)
                    && !await IsListedAsync(snapshotId, cancellationToken).ConfigureAwait(false))
                {
                    return;
                }

                logger.DeletePostponed(snapshotId, error.ErrorCode);
                try
                {
                    await backoff.WaitAsync(cancellationToken).ConfigureAwait(false);
                }
                catch (OperationCanceledException)
                {
                    // The time for cleaning up is over: what kept it from working is worth more than that it is over.
                    throw error;
                }
            }
        }
    }

    private async Task<bool> IsListedAsync(string snapshotId, CancellationToken cancellationToken) =>
        (await FindAsync([new(SnapshotTags.Owner, null)], cancellationToken).ConfigureAwait(false)).Any(s => s.SnapshotId == snapshotId);
}
