namespace Coriolis.Providers.Aws;

/// <summary>Opens the block source of one captured disk.</summary>
/// <param name="disk">The disk, with its size at the point in time.</param>
/// <param name="snapshotId">The snapshot that holds it.</param>
/// <param name="request">The capture that it belongs to.</param>
/// <param name="accountId">The account whose quotas reading counts against.</param>
internal delegate IBlockSource OpenBlockSource(SourceDisk disk, string snapshotId, CaptureRequest request, string accountId);
