namespace Coriolis.Providers.Aws.Ebs;

/// <summary>An operation of the EBS direct APIs; the names are AWS's, as in IAM actions and metrics.</summary>
internal enum EbsOperation
{
    ListSnapshotBlocks = 0,
    ListChangedBlocks,
    GetSnapshotBlock,
    StartSnapshot,
    PutSnapshotBlock,
    CompleteSnapshot,
}
