namespace Coriolis.Providers.Aws;

/// <summary>One row of the table of permissions.</summary>
/// <param name="Action">The IAM action.</param>
/// <param name="Use">When it is needed.</param>
/// <param name="Limit">What it is limited to beside the resource.</param>
/// <param name="Resources">The resources that it is needed on: <c>*</c>, or kinds of EC2 or KMS resources.</param>
internal sealed record AwsPermission(string Action, PermissionUse Use, PermissionLimit Limit, params IReadOnlyList<string> Resources);

/// <summary>When a permission is needed.</summary>
[Flags]
internal enum PermissionUse
{
    Always = 0,

    /// <summary>By the direct read path.</summary>
    ViaDirect = 1,

    /// <summary>By the worker read path.</summary>
    ViaWorker = 2,

    /// <summary>For encrypted volumes, over either path.</summary>
    Encrypted = 4,

    /// <summary>To shut the source instance down.</summary>
    ShutDown = 8,
}

/// <summary>The condition on a permission.</summary>
internal enum PermissionLimit
{
    None = 0,

    /// <summary>Only what carries our owner tag.</summary>
    Ours,

    /// <summary>Only what gets our owner tag as it is created.</summary>
    BecomesOurs,

    /// <summary>Only as a part of creating something.</summary>
    WithCreation,
}
