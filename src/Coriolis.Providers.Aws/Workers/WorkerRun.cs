using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Amazon.EC2.Model;

namespace Coriolis.Providers.Aws.Workers;

/// <summary>One worker of one execution: whose it is, its keys, and how everything made for it is recorded.</summary>
internal sealed class WorkerRun(SourceInstance instance, CaptureState state, AwsSourceOptions options, TimeProvider timeProvider)
{
    public SourceInstance Source => instance;

    public CaptureRequest Request => state.Request;

    public SshKeyPair Login { get; } = SshKeyPair.Create();

    public SshKeyPair HostKey { get; } = SshKeyPair.Create();

    public string Name { get; } = $"coriolis-worker-{Guid.NewGuid():N}";

    public TagSpecification Tags(Amazon.EC2.ResourceType type, string? diskId = null)
    {
        var expiresAt = (timeProvider.GetUtcNow() + options.SnapshotExpiry).ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);
        return new TagSpecification
        {
            ResourceType = type,
            Tags =
            [
                new(SnapshotTags.Owner, Request.OwnerId),
                new(SnapshotTags.Replica, Request.ReplicaId),
                new(SnapshotTags.Execution, Request.ExecutionId),
                new(SnapshotTags.Instance, instance.Id),
                new(SnapshotTags.Role, WorkerResources.Role),
                new(SnapshotTags.ExpiresAt, expiresAt),
                new("Name", Name),
                .. diskId is null ? Array.Empty<Tag>() : [new(SnapshotTags.Disk, diskId)],
                .. options.ExtraTags.Select(static tag => new Tag(tag.Key, tag.Value)),
            ],
        };
    }

    /// <summary>A token that is the same for repeats of one attempt, so that AWS carries it out once.</summary>
    public string Token(string attempt) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{Name}/{attempt}")));

    /// <summary>Records the intent, creates, and records what was created.</summary>
    public async Task<string> CreateAsync(string intent, string type, Func<Task<string>> create, CancellationToken cancellationToken)
    {
        var name = $"{Name}/{intent}";
        if (Request.Journal is { } before)
        {
            await before.IntendAsync(name, type, cancellationToken).ConfigureAwait(false);
        }

        var id = await create().ConfigureAwait(false);
        state.AddWorkerResource(new WorkerResource(type, id, [], null));
        if (Request.Journal is { } after)
        {
            await after.CreatedAsync(name, type, id, CancellationToken.None).ConfigureAwait(false);
        }

        return id;
    }

    /// <summary>Notes that EC2 has shown something that was created.</summary>
    public void See(string id) => state.See(id);

    public void Report(string stage) => Request.Progress?.Report(new CaptureProgress(stage));
}
