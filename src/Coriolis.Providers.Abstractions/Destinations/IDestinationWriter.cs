namespace Coriolis.Providers;

/// <summary>Opens the disks of a replica for writing.</summary>
/// <remarks>Thread safety: disks may be opened and written concurrently; one disk is open at most once.</remarks>
public interface IDestinationWriter
{
    /// <summary>Opens one disk, creating it if there is none. Does not change the contents of a disk that is there.</summary>
    /// <param name="disk">Which disk, and how large.</param>
    /// <param name="cancellationToken">Cancels the opening.</param>
    /// <returns>The open disk. The caller owns it.</returns>
    /// <exception cref="DestinationException">
    /// The place is missing, read-only, too small, in use, or holds something that no execution of this replica wrote.
    /// </exception>
    Task<IDiskWriter> OpenAsync(DiskDescriptor disk, CancellationToken cancellationToken = default);
}
