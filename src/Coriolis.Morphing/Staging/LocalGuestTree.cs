using System.Runtime.CompilerServices;
using Coriolis.Morphing.Mounting;
using Coriolis.Morphing.Native;

namespace Coriolis.Morphing.Staging;

/// <summary>The file systems of a guest that are mounted on this machine.</summary>
internal sealed class LocalGuestTree : IGuestTree
{
    private readonly MountNamespace _space;
    private readonly IReadOnlyList<GuestMount> _mounts;
    private readonly GuestLayer _guest;

    public LocalGuestTree(MountNamespace space, IEnumerable<GuestMount> mounts)
    {
        _space = space;
        _mounts = [.. mounts.Where(mount => mount.CanStage)];
        _guest = new(_mounts, mount => space.Outside(mount.Directory));
    }

    public Task<IReadOnlyList<FileChange>> CompareAsync(CancellationToken cancellationToken)
    {
        var changes = new List<FileChange>();
        foreach (var mount in _mounts)
        {
            using var lower = DirectoryDescriptor.OpenRoot(_space.Outside(mount.Directory));
            using var upper = DirectoryDescriptor.OpenRoot(_space.Outside(mount.Changes));
            changes.AddRange(LayerDiff.Compare(mount.MountPoint, lower, upper, cancellationToken));
        }

        return Task.FromResult<IReadOnlyList<FileChange>>(changes);
    }

    public Task<IReadOnlyDictionary<string, FileState>> LookAsync(IReadOnlyCollection<string> paths, CancellationToken cancellationToken)
    {
        var states = new Dictionary<string, FileState>(StringComparer.Ordinal);
        foreach (var path in paths)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (_guest.Look(path) is { } state)
                states[path] = state;
        }

        return Task.FromResult<IReadOnlyDictionary<string, FileState>>(states);
    }

    public async IAsyncEnumerable<GuestEntry> ReadAsync(
        IReadOnlyCollection<string> paths, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var path in paths)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var (parent, name) = _guest.OpenParent(path);
            using var directory = parent;
            if (parent is null || FileState.Read(parent, name) is not { } state)
                continue;

            using var content = state.Kind == GuestFileKind.Regular ? FileContent.OpenRead(parent, name) : null;
            yield return new(path, state, content);
        }

        await Task.CompletedTask.ConfigureAwait(false);
    }

    public Task ApplyAsync(IReadOnlyList<FileChange> changes, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using (var staged = new GuestLayer(_mounts, mount => _space.Outside(mount.Changes)))
            ChangeApplication.Apply(_guest, staged, changes);
        return FlushAsync();
    }

    public Task RestoreAsync(IReadOnlyCollection<string> created, Stream archive, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        ChangeApplication.Undo(_guest, created, archive);
        return FlushAsync();
    }

    public void Dispose() => _guest.Dispose();

    // The bytes of files are flushed as they are written; names and removals are not.
    private Task<string> FlushAsync() =>
        _space.RunAsync(["sync", "--file-system", .. _mounts.Select(mount => MountNamespace.Inside(mount.Directory))], CancellationToken.None);
}
