using static Coriolis.Providers.Aws.PermissionLimit;
using static Coriolis.Providers.Aws.PermissionUse;

namespace Coriolis.Providers.Aws;

/// <summary>Every permission that the provider uses, in one table; docs/permissions.md says what each is for.</summary>
internal static class AwsPermissions
{
    public static IReadOnlyList<AwsPermission> All { get; } =
    [
        // Reading the configuration, and finding what executions left behind. EC2 cannot limit these to resources.
        new("ec2:DescribeInstances", Always, None, "*"),
        new("ec2:DescribeInstanceTypes", Always, None, "*"),
        new("ec2:DescribeVolumes", Always, None, "*"),
        new("ec2:DescribeImages", Always, None, "*"),
        new("ec2:DescribeSnapshots", Always, None, "*"),
        new("ec2:DescribeKeyPairs", Always, None, "*"),
        new("ec2:DescribeSecurityGroups", Always, None, "*"),
        new("ec2:DescribeVolumeAttribute", Always, None, "volume"),

        new("ec2:CreateSnapshots", Always, None, "instance", "volume"),
        new("ec2:CreateSnapshots", Always, BecomesOurs, "snapshot"),
        new("ec2:CreateTags", Always, WithCreation, "snapshot"),
        new("ec2:CreateTags", Always, Ours, "snapshot"),
        new("ec2:DeleteSnapshot", Always, Ours, "snapshot"),

        new("ebs:ListSnapshotBlocks", ViaDirect, Ours, "snapshot"),
        new("ebs:ListChangedBlocks", ViaDirect, Ours, "snapshot"),
        new("ebs:GetSnapshotBlock", ViaDirect, Ours, "snapshot"),

        new("ec2:DescribeSubnets", ViaWorker, None, "*"),
        new("ec2:ImportKeyPair", ViaWorker, BecomesOurs, "key-pair"),
        new("ec2:CreateSecurityGroup", ViaWorker, BecomesOurs, "security-group"),
        new("ec2:CreateSecurityGroup", ViaWorker, None, "vpc"),
        new("ec2:AuthorizeSecurityGroupIngress", ViaWorker, Ours, "security-group"),
        new("ec2:RunInstances", ViaWorker, BecomesOurs, "instance", "volume"),
        new("ec2:RunInstances", ViaWorker, None, "image", "key-pair", "network-interface", "security-group", "snapshot", "subnet"),
        new("ec2:CreateVolume", ViaWorker, BecomesOurs, "volume"),
        new("ec2:CreateVolume", ViaWorker, Ours, "snapshot"),
        new("ec2:AttachVolume", ViaWorker, Ours, "instance", "volume"),
        new("ec2:ModifyInstanceAttribute", ViaWorker, Ours, "instance", "volume"),
        new("ec2:StopInstances", ViaWorker, Ours, "instance"),
        new("ec2:StartInstances", ViaWorker, Ours, "instance"),
        new("ec2:CreateTags", ViaWorker, WithCreation, "key-pair", "security-group", "instance", "volume"),
        new("ec2:DeleteKeyPair", ViaWorker, Ours, "key-pair"),
        new("ec2:DeleteSecurityGroup", ViaWorker, Ours, "security-group"),
        new("ec2:TerminateInstances", ViaWorker, Ours, "instance"),
        new("ec2:DeleteVolume", ViaWorker, Ours, "volume"),

        new("kms:DescribeKey", Encrypted, None, "key"),
        new("kms:Decrypt", Encrypted, None, "key"),
        new("kms:CreateGrant", Encrypted | ViaWorker, None, "key"),
        new("kms:GenerateDataKeyWithoutPlaintext", Encrypted | ViaWorker, None, "key"),
        new("kms:ReEncryptFrom", Encrypted | ViaWorker, None, "key"),
        new("kms:ReEncryptTo", Encrypted | ViaWorker, None, "key"),

        // Without it the instance that was shut down does not start again, although EC2 says that it will.
        new("kms:CreateGrant", Encrypted | ShutDown, None, "key"),
        new("ec2:StopInstances", ShutDown, None, "instance"),
        new("ec2:StartInstances", ShutDown, None, "instance"),
    ];

    /// <summary>Selects what is needed for a set of uses: every use that a permission names must be among them.</summary>
    public static IEnumerable<AwsPermission> For(PermissionUse uses) => All.Where(permission => (permission.Use & ~uses) == 0);
}
