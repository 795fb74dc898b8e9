using System.Globalization;
using Amazon.EC2.Model;

namespace Coriolis.Providers.Aws;

/// <summary>
/// The tags that every snapshot of ours carries. They are documented, because IAM policies and other programs rely on
/// them: renaming one is a breaking change.
/// </summary>
internal static class SnapshotTags
{
    public const string Prefix = "coriolis:";
    public const string Owner = Prefix + "owner";
    public const string Replica = Prefix + "replica";
    public const string Execution = Prefix + "execution";
    public const string Instance = Prefix + "instance";
    public const string Disk = Prefix + "disk";
    public const string Role = Prefix + "role";
    public const string ExpiresAt = Prefix + "expires-at";

    /// <summary>The role of a snapshot that an execution reads from.</summary>
    public const string CaptureRole = "capture";

    /// <summary>The role of a snapshot that a committed manifest names.</summary>
    public const string BaselineRole = "baseline";

    /// <summary>The expiry of a baseline.</summary>
    public const string Never = "never";

    /// <summary>The number of tags that we set ourselves, <c>Name</c> included.</summary>
    public const int ReservedCount = 8;

    public static bool IsReserved(string key) => key.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase);

    /// <summary>The tags of a new snapshot set. One set has one list of tags, so the disk is not among them: it is the volume.</summary>
    public static List<Tag> ForCapture(SourceInstance instance, CaptureRequest request, DateTimeOffset expiresAt, IDictionary<string, string> extraTags) =>
    [
        new(Owner, request.OwnerId),
        new(Replica, request.ReplicaId),
        new(Execution, request.ExecutionId),
        new(Instance, instance.Id),
        new(Role, CaptureRole),
        new(ExpiresAt, expiresAt.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture)),
        new("Name", $"coriolis {instance.Name}"[..Math.Min(256, 9 + instance.Name.Length)]),
        .. extraTags.Select(tag => new Tag(tag.Key, tag.Value)),
    ];

    /// <summary>The tags that turn a capture into a baseline.</summary>
    public static List<Tag> ForBaseline(string diskId) => [new(Role, BaselineRole), new(Disk, diskId), new(ExpiresAt, Never)];
}
