namespace Coriolis.Providers;

/// <summary>What a sweep does with a resource.</summary>
public enum SweepAction
{
    /// <summary>It stays: a baseline needs it, or an execution may still be using it.</summary>
    Kept = 0,

    /// <summary>It was removed; in a dry run, it would be.</summary>
    Removed,

    /// <summary>It should have been removed and could not be.</summary>
    Failed,
}
