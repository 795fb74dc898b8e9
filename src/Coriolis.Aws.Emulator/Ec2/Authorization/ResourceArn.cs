using Coriolis.Aws.Emulator.Ec2.Protocol;
using Coriolis.Aws.Emulator.State;

namespace Coriolis.Aws.Emulator.Ec2.Authorization;

/// <summary>The ARNs of EC2's resources. Those of snapshots and images name no account, and that of a key pair its name.</summary>
internal static class ResourceArn
{
    /// <summary>What stands for the id of a resource that is about to be made.</summary>
    public const string New = "*";

    public static string Of(Region region, ResourceKind kind, string name) => kind == ResourceKind.Snapshot || kind == ResourceKind.Image
        ? $"arn:aws:ec2:{region.Name}::{kind.TagName}/{name}"
        : region.Arn("ec2", $"{kind.TagName}/{name}");

    public static string Snapshot(string region, string id) => $"arn:aws:ec2:{region}::snapshot/{id}";
}
