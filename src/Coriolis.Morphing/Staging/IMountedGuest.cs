namespace Coriolis.Morphing.Staging;

/// <summary>A guest whose file systems are mounted in a namespace that belongs to a run. Disposing takes the namespace down.</summary>
internal interface IMountedGuest : IAsyncDisposable
{
    /// <summary>What to call the guest in messages.</summary>
    string Description { get; }

    /// <summary>The disks that the run has mounted; empty where somebody else has.</summary>
    IReadOnlyList<string> DiskPaths { get; }

    /// <summary>What could not be opened or mounted, as sentences.</summary>
    IReadOnlyList<string> Warnings { get; }

    /// <summary>Why there is no guest to be worked on; <see langword="null"/> when there is one.</summary>
    OsType? Unsupported { get; }

    /// <summary>Puts a stage above the file systems.</summary>
    Task<GuestStage> StageAsync(CancellationToken cancellationToken);

    /// <summary>Opens the file systems, and what the stage holds of changes once there is one.</summary>
    IGuestTree OpenTree();
}
