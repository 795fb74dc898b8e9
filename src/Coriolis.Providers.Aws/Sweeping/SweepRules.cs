using System.Globalization;
using Amazon.EC2.Model;

namespace Coriolis.Providers.Aws;

/// <summary>
/// Decides what a sweep may remove: only what carries the whole set of our tags, and only when the journal of its execution
/// says that it is left over, or its expiry has passed.
/// </summary>
internal sealed class SweepRules(SweepRequest request, AwsSourceOptions options, DateTimeOffset now)
{
    private static readonly string[] s_required = [SnapshotTags.Owner, SnapshotTags.Replica, SnapshotTags.Execution, SnapshotTags.Role];

    /// <summary>Judges something that an execution made for the time that it runs.</summary>
    /// <param name="id">The resource.</param>
    /// <param name="tags">Its tags.</param>
    /// <param name="createdAt">When it was created, where that is known.</param>
    /// <param name="isJournaled">Whether a journal names what is of this type; the root volume of a worker comes with its instance.</param>
    public SweepVerdict JudgeTemporary(string id, IReadOnlyList<Tag> tags, DateTimeOffset? createdAt, bool isJournaled = true)
    {
        if (Refuse(id, tags, createdAt) is { } refused)
        {
            return refused;
        }

        var execution = Ec2Names.TagValue(tags, SnapshotTags.Execution)!;
        if (request.EndedExecutionIds.Contains(execution) && (!isJournaled || IsInJournal(execution, id)))
        {
            return SweepVerdict.Removable("its execution has ended");
        }

        return ExpiryOf(tags, createdAt) switch
        {
            null => SweepVerdict.Kept("its tags do not say when it expires"),
            { } expiry when expiry <= now => SweepVerdict.Removable($"expired at {expiry:u}"),
            { } expiry when request.EndedExecutionIds.Contains(execution) =>
                SweepVerdict.Kept($"the journal of its execution does not name it; expires at {expiry:u}"),
            { } expiry => SweepVerdict.Kept($"its execution may still be running; expires at {expiry:u}"),
        };
    }

    /// <summary>Judges a snapshot that is marked as a baseline.</summary>
    public SweepVerdict JudgeBaseline(string id, IReadOnlyList<Tag> tags, DateTimeOffset? createdAt, bool isNewest) =>
        Refuse(id, tags, createdAt)
        ?? (isNewest ? SweepVerdict.Kept("newest baseline of its disk") : SweepVerdict.Removable("superseded baseline"));

    private SweepVerdict? Refuse(string id, IReadOnlyList<Tag> tags, DateTimeOffset? createdAt)
    {
        if (request.KeepIds.Contains(id))
        {
            return SweepVerdict.Kept("a committed manifest names it");
        }

        if (s_required.FirstOrDefault(key => string.IsNullOrEmpty(Ec2Names.TagValue(tags, key))) is { } missing)
        {
            return SweepVerdict.Kept($"its tag {missing} is missing: it may be somebody else's");
        }

        if (request.RunningExecutionIds.Contains(Ec2Names.TagValue(tags, SnapshotTags.Execution)!))
        {
            return SweepVerdict.Kept("its execution is running");
        }

        return createdAt is { } at && now - at < request.OlderThan
            ? SweepVerdict.Kept($"younger than {request.OlderThan}")
            : null;
    }

    private bool IsInJournal(string execution, string id) =>
        !request.JournaledIds.TryGetValue(execution, out var ids) || ids.Contains(id);

    // One whose expiry was tampered with is judged by its age.
    private DateTimeOffset? ExpiryOf(IReadOnlyList<Tag> tags, DateTimeOffset? createdAt) =>
        DateTimeOffset.TryParse(
            Ec2Names.TagValue(tags, SnapshotTags.ExpiresAt), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var parsed)
                ? parsed
                : createdAt + options.SnapshotExpiry;
}
