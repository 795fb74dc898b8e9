namespace Coriolis.Morphing.Mounting;

/// <summary>A mount namespace of our own, on this machine or on another. It has a directory in memory, whose entries are called by name.</summary>
internal interface IMountSpace
{
    /// <summary>Creates a directory.</summary>
    Task CreateDirectoryAsync(string name, CancellationToken cancellationToken);

    /// <summary>Runs a program in the namespace that has to succeed.</summary>
    Task<string> RunAsync(IReadOnlyList<string> command, CancellationToken cancellationToken);

    /// <summary>Opens a directory as a guest's root.</summary>
    IGuestRoot OpenRoot(string name, string description, IReadOnlyList<GuestFileSystem> fileSystems);
}
