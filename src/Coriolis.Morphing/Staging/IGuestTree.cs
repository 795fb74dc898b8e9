namespace Coriolis.Morphing.Staging;

/// <summary>The file systems of a mounted guest, wherever they are mounted, and what the stage above them holds of changes.</summary>
internal interface IGuestTree : IDisposable
{
    /// <summary>What the stage has different from the file systems, whose parents come before what is in them.</summary>
    Task<IReadOnlyList<FileChange>> CompareAsync(CancellationToken cancellationToken);

    /// <summary>Looks at entries of the file systems; those that are not there are left out.</summary>
    Task<IReadOnlyDictionary<string, FileState>> LookAsync(IReadOnlyCollection<string> paths, CancellationToken cancellationToken);

    /// <summary>Reads entries of the file systems, in the order given; those that are not there are left out.</summary>
    IAsyncEnumerable<GuestEntry> ReadAsync(IReadOnlyCollection<string> paths, CancellationToken cancellationToken);

    /// <summary>Carries staged changes to the file systems and makes them durable.</summary>
    /// <exception cref="IOException">A change cannot be made; those before it are.</exception>
    Task ApplyAsync(IReadOnlyList<FileChange> changes, CancellationToken cancellationToken);

    /// <summary>Removes what was created and puts back what an archive holds; can be repeated after an interruption.</summary>
    /// <param name="created">The paths that were not there before.</param>
    /// <param name="archive">What was there before, an <see cref="UndoArchive"/>.</param>
    /// <param name="cancellationToken">Cancels where that can be repeated.</param>
    Task RestoreAsync(IReadOnlyCollection<string> created, Stream archive, CancellationToken cancellationToken);
}
