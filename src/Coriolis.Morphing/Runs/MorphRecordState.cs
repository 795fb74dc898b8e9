namespace Coriolis.Morphing.Runs;

/// <summary>How far a run has come.</summary>
internal enum MorphRecordState
{
    /// <summary>The archive is complete; the guest's disks are old, new, or in between.</summary>
    Applying = 0,

    /// <summary>The guest's disks hold all changes.</summary>
    Applied,

    /// <summary>The changes were taken back.</summary>
    Undone,
}
