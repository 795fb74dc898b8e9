using Coriolis.Morphing.Staging;

namespace Coriolis.Morphing.Mounting;

/// <summary>A guest that somebody else has mounted on this machine.</summary>
internal sealed class MountedDirectory : IMountedGuest
{
    private readonly MountNamespace _space;
    private readonly IReadOnlyList<GuestMount> _mounts;

    private MountedDirectory(MountNamespace space, IReadOnlyList<GuestMount> mounts, string description)
    {
        _space = space;
        _mounts = mounts;
        Description = description;
    }

    public string Description { get; }

    public IReadOnlyList<string> DiskPaths => [];

    public IReadOnlyList<string> Warnings => [];

    public OsType? Unsupported => null;

    public static async Task<MountedDirectory> OpenAsync(string directory, TimeProvider timeProvider, CancellationToken cancellationToken)
    {
        var space = await MountNamespace.CreateAsync(timeProvider, cancellationToken).ConfigureAwait(false);
        try
        {
            return new(space, await DirectoryMounts.BindAsync(space, directory, cancellationToken).ConfigureAwait(false), directory);
        }
        catch
        {
            await space.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    public Task<GuestStage> StageAsync(CancellationToken cancellationToken) =>
        GuestStage.CreateAsync(_space, _mounts, Description, [], cancellationToken);

    public IGuestTree OpenTree() => new LocalGuestTree(_space, _mounts);

    public ValueTask DisposeAsync() => _space.DisposeAsync();
}
