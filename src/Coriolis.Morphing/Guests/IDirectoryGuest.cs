using Coriolis.Morphing.Staging;

namespace Coriolis.Morphing.Guests;

/// <summary>A guest in a directory, whose changes can be staged where it is.</summary>
internal interface IDirectoryGuest
{
    /// <summary>Makes the guest's file systems appear in a namespace of a run.</summary>
    Task<IMountedGuest> MountAsync(CancellationToken cancellationToken);
}
