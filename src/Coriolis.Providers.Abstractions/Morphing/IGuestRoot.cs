namespace Coriolis.Providers;

/// <summary>The root file system of a guest that is not running.</summary>
/// <remarks>
/// Paths are absolute inside the guest, with <c>/</c>. Symbolic links are resolved inside the guest: no path reaches a
/// file outside it. Thread safety: reads may run concurrently; changes may not.
/// </remarks>
public interface IGuestRoot
{
    /// <summary>What to call the guest in messages.</summary>
    string Description { get; }

    /// <summary>The file systems and swap areas on the guest's disks; empty when only a directory is known.</summary>
    IReadOnlyList<GuestFileSystem> FileSystems { get; }

    /// <summary>Looks at a file without following a symbolic link in its last component.</summary>
    /// <param name="path">The path in the guest.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>What is there, or <see langword="null"/>.</returns>
    ValueTask<GuestFile?> GetFileAsync(string path, CancellationToken cancellationToken = default);

    /// <summary>Lists a directory.</summary>
    /// <param name="path">The path in the guest.</param>
    /// <param name="cancellationToken">Cancels the listing.</param>
    /// <returns>The entries in ordinal order of their names; none when the directory does not exist.</returns>
    IAsyncEnumerable<GuestFile> ListAsync(string path, CancellationToken cancellationToken = default);

    /// <summary>Reads a regular file.</summary>
    /// <param name="path">The path in the guest.</param>
    /// <param name="maxBytes">Larger files are refused.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    /// <returns>The contents.</returns>
    /// <exception cref="GuestException">There is no such regular file, or it is too large.</exception>
    Task<ReadOnlyMemory<byte>> ReadAsync(string path, int maxBytes, CancellationToken cancellationToken = default);

    /// <summary>Replaces a regular file atomically, keeping owner and mode of one that is there.</summary>
    /// <param name="path">The path in the guest; its directory must exist.</param>
    /// <param name="contents">The new contents.</param>
    /// <param name="mode">Permission bits of a file that is not there yet.</param>
    /// <param name="cancellationToken">Cancels the write; the file is then the old or the new one.</param>
    /// <returns>A task that completes when the file is replaced.</returns>
    /// <exception cref="GuestException">The file cannot be written.</exception>
    Task WriteAsync(string path, ReadOnlyMemory<byte> contents, UnixFileMode mode, CancellationToken cancellationToken = default);

    /// <summary>Creates a directory and those above it. Does nothing when it is there.</summary>
    /// <param name="path">The path in the guest.</param>
    /// <param name="mode">Permission bits of the directories that are created.</param>
    /// <param name="cancellationToken">Cancels between two directories.</param>
    /// <returns>A task that completes when the directory is there.</returns>
    /// <exception cref="GuestException">The directory cannot be created.</exception>
    Task CreateDirectoryAsync(string path, UnixFileMode mode, CancellationToken cancellationToken = default);

    /// <summary>Puts a symbolic link in place of what is there, unless that is a directory.</summary>
    /// <param name="path">The path in the guest; its directory must exist.</param>
    /// <param name="target">Where the link points, as the guest sees it.</param>
    /// <param name="cancellationToken">Cancels the call; the old or the new entry is then there.</param>
    /// <returns>A task that completes when the link is there.</returns>
    /// <exception cref="GuestException">The link cannot be created.</exception>
    Task CreateLinkAsync(string path, string target, CancellationToken cancellationToken = default);

    /// <summary>Deletes a file, a link, or a directory with all that is in it. Does nothing when there is none.</summary>
    /// <param name="path">The path in the guest.</param>
    /// <param name="cancellationToken">Cancels between two entries.</param>
    /// <returns>A task that completes when the entry is gone.</returns>
    /// <exception cref="GuestException">The entry cannot be deleted.</exception>
    Task DeleteAsync(string path, CancellationToken cancellationToken = default);

    /// <summary>Runs a program of the guest inside the guest, without network.</summary>
    /// <param name="command">The program and its arguments.</param>
    /// <param name="cancellationToken">Ends the program.</param>
    /// <returns>How it ended and what it printed.</returns>
    /// <exception cref="GuestException">The program cannot be started or did not end in time.</exception>
    Task<GuestCommandResult> RunAsync(GuestCommand command, CancellationToken cancellationToken = default);
}
