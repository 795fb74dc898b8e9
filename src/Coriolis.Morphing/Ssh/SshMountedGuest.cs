using Coriolis.Morphing.Mounting;
using Coriolis.Morphing.Staging;

namespace Coriolis.Morphing.Ssh;

/// <summary>A guest that somebody else has mounted on another machine.</summary>
internal sealed class SshMountedGuest : IMountedGuest
{
    private readonly SshMountSpace _space;
    private readonly string _directory;
    private readonly IReadOnlyList<GuestMount> _mounts;
    private readonly IReadOnlyList<GuestFileSystem> _fileSystems;

    private SshMountedGuest(
        SshMountSpace space, string directory, IReadOnlyList<GuestMount> mounts, string description, IReadOnlyList<GuestFileSystem> fileSystems)
    {
        _space = space;
        _directory = directory;
        _mounts = mounts;
        _fileSystems = fileSystems;
        Description = description;
    }

    public string Description { get; }

    public IReadOnlyList<string> DiskPaths => [];

    public IReadOnlyList<string> Warnings => [];

    public OsType? Unsupported => null;

    public static async Task<SshMountedGuest> OpenAsync(
        SshHost host, string directory, string description, IReadOnlyList<GuestFileSystem> fileSystems, CancellationToken cancellationToken)
    {
        var space = await SshMountSpace.CreateAsync(host, cancellationToken).ConfigureAwait(false);
        try
        {
            await CheckToolsAsync(space, cancellationToken).ConfigureAwait(false);
            var mounts = await DirectoryMounts.BindAsync(space, directory, cancellationToken).ConfigureAwait(false);
            return new(space, directory, mounts, description, fileSystems);
        }
        catch
        {
            await space.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    public Task<GuestStage> StageAsync(CancellationToken cancellationToken) =>
        GuestStage.CreateAsync(_space, _mounts, Description, _fileSystems, cancellationToken);

    public IGuestTree OpenTree() => new SshGuestTree(_space, _directory, _mounts);

    public ValueTask DisposeAsync() => _space.DisposeAsync();

    private static async Task CheckToolsAsync(SshMountSpace space, CancellationToken cancellationToken)
    {
        try
        {
            await space.RunAsync(["/bin/sh", "-c", "command -v getfattr && command -v setfattr"], cancellationToken).ConfigureAwait(false);
        }
        catch (GuestException failure) when (!failure.IsTransient)
        {
            throw new GuestException($"{space.Host.Description} has no getfattr and setfattr, without which attributes of files cannot be kept.", failure)
            {
                ResourceId = space.Host.Description,
                Remedy = "Install the package attr there.",
            };
        }
    }
}
