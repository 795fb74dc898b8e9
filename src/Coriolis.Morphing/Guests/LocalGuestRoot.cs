using System.Runtime.CompilerServices;
using Coriolis.Morphing.Mounting;
using Coriolis.Morphing.Native;
using Coriolis.Morphing.Staging;

namespace Coriolis.Morphing.Guests;

/// <summary>A guest's root file system in a directory of this machine.</summary>
/// <remarks>
/// Linux only; needs root to change files of other owners and to run programs. No path leaves the directory, whatever
/// symbolic links the guest holds. Thread safety: as <see cref="IGuestRoot"/> says. Disposing closes the directory.
/// </remarks>
public sealed class LocalGuestRoot : IGuestRoot, IDirectoryGuest, IDisposable
{
    // As many links as the kernel itself follows.
    private const int MaxLinks = 40;

    private readonly DirectoryDescriptor _root;
    private readonly GuestCommandRunner _runner;
    private readonly string _directory;
    private readonly TimeProvider _timeProvider;

    private LocalGuestRoot(
        DirectoryDescriptor root,
        GuestCommandRunner runner,
        string directory,
        string description,
        IReadOnlyList<GuestFileSystem> fileSystems,
        TimeProvider timeProvider)
    {
        _root = root;
        _runner = runner;
        _directory = directory;
        _timeProvider = timeProvider;
        Description = description;
        FileSystems = fileSystems;
    }

    /// <inheritdoc/>
    public string Description { get; }

    /// <inheritdoc/>
    public IReadOnlyList<GuestFileSystem> FileSystems { get; }

    /// <summary>Opens a directory of this machine that holds a guest's root file system.</summary>
    /// <param name="directory">The directory.</param>
    /// <param name="timeProvider">Measures time-outs; the system's clock when <see langword="null"/>.</param>
    /// <returns>The guest.</returns>
    /// <exception cref="GuestException">The directory cannot be opened.</exception>
    public static LocalGuestRoot Open(string directory, TimeProvider? timeProvider = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(directory);
        var full = Path.GetFullPath(directory);
        var clock = timeProvider ?? TimeProvider.System;
        return Open(full, GuestCommandRunner.Local([], full, clock), full, [], clock);
    }

    internal static LocalGuestRoot Open(
        string directory, GuestCommandRunner runner, string description, IReadOnlyList<GuestFileSystem> fileSystems, TimeProvider timeProvider)
    {
        if (!OperatingSystem.IsLinux())
            throw new PlatformNotSupportedException("Guests are opened on Linux only.");

        return Guarded(directory, () => new LocalGuestRoot(DirectoryDescriptor.OpenRoot(directory), runner, directory, description, fileSystems, timeProvider));
    }

    /// <inheritdoc/>
    public ValueTask<GuestFile?> GetFileAsync(string path, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (GuestPath.Split(path).Length == 0)
            return ValueTask.FromResult<GuestFile?>(new() { Path = "/", Kind = GuestFileKind.Directory, Mode = _root.GetOwnStatus().Mode });

        return ValueTask.FromResult(Guarded(path, () =>
        {
            var (directory, name) = GuestPath.SplitLast(path);
            using var parent = _root.OpenBelow(directory, directory: true);
            return parent is null ? null : Look(parent, directory, name);
        }));
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<GuestFile> ListAsync(string path, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var files = Guarded(path, () =>
        {
            using var directory = _root.OpenBelow("/" + string.Join('/', GuestPath.Split(path)), directory: true);
            return directory is null
                ? []
                : directory.ListNames().Order(StringComparer.Ordinal).Select(name => Look(directory, path, name)).OfType<GuestFile>().ToArray();
        });
        foreach (var file in files)
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return file;
        }

        await Task.CompletedTask.ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async Task<ReadOnlyMemory<byte>> ReadAsync(string path, int maxBytes, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(maxBytes);
        using var file = Guarded(path, () => OpenRegular(path, maxBytes));
        var contents = new byte[RandomAccess.GetLength(file)];
        var filled = 0;
        while (filled < contents.Length)
        {
            var count = await RandomAccess.ReadAsync(file, contents.AsMemory(filled), filled, cancellationToken).ConfigureAwait(false);
            if (count == 0)
                break;
            filled += count;
        }

        return contents.AsMemory(0, filled);
    }

    /// <inheritdoc/>
    public Task WriteAsync(string path, ReadOnlyMemory<byte> contents, UnixFileMode mode, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Guarded(path, () =>
        {
            var (parent, name) = ResolveLinks(path);
            using (parent)
                FileReplacement.Write(parent, name, contents.Span, mode);
            return true;
        });
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task CreateDirectoryAsync(string path, UnixFileMode mode, CancellationToken cancellationToken = default)
    {
        var done = "";
        foreach (var name in GuestPath.Split(path))
        {
            cancellationToken.ThrowIfCancellationRequested();
            var above = done.Length == 0 ? "/" : done;
            done = GuestPath.Join(above, name);
            Guarded(done, () =>
            {
                using var existing = _root.OpenBelow(done, directory: true);
                if (existing is not null)
                    return false;

                using var parent = _root.OpenBelow(above, directory: true) ?? throw new IOException("the directory above it is gone");
                parent.CreateDirectory(name, mode);
                FileReplacement.CopyLabel(parent, name);
                return true;
            });
        }

        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task CreateLinkAsync(string path, string target, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(target);
        cancellationToken.ThrowIfCancellationRequested();
        Guarded(path, () =>
        {
            var (directory, name) = GuestPath.SplitLast(path);
            using var parent = OpenDirectory(directory);
            if (parent.GetStatus(name) is { Kind: GuestFileKind.Directory })
                throw new IOException("it is a directory");

            var temporary = FileReplacement.TemporaryName(name);
            parent.CreateSymbolicLink(temporary, target);
            FileReplacement.CopyLabel(parent, temporary);
            parent.Rename(temporary, name);
            return true;
        });
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task DeleteAsync(string path, CancellationToken cancellationToken = default)
    {
        Guarded(path, () =>
        {
            var (directory, name) = GuestPath.SplitLast(path);
            using var parent = _root.OpenBelow(directory, directory: true);
            if (parent is not null)
                DirectoryTree.Delete(parent, name, cancellationToken);
            return true;
        });
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task<GuestCommandResult> RunAsync(GuestCommand command, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(command);
        return _runner.RunAsync(command, cancellationToken);
    }

    /// <inheritdoc/>
    async Task<IMountedGuest> IDirectoryGuest.MountAsync(CancellationToken cancellationToken) =>
        await MountedDirectory.OpenAsync(_directory, _timeProvider, cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public void Dispose() => _root.Dispose();

    private static GuestFile? Look(DirectoryDescriptor parent, string directory, string name) =>
        parent.GetStatus(name) is not { } status
            ? null
            : new()
            {
                Path = GuestPath.Join(directory, name),
                Kind = status.Kind,
                SizeBytes = status.Kind == GuestFileKind.Regular ? status.Length : 0,
                Mode = status.Mode,
                LinkTarget = status.Kind == GuestFileKind.SymbolicLink ? parent.ReadLink(name) : null,
            };

    private DirectoryDescriptor OpenDirectory(string path) =>
        _root.OpenBelow(path, directory: true) ?? throw new IOException($"there is no directory {path}");

    private Microsoft.Win32.SafeHandles.SafeFileHandle OpenRegular(string path, int maxBytes)
    {
        using var file = _root.OpenBelow("/" + string.Join('/', GuestPath.Split(path)), directory: false)
            ?? throw new IOException("there is no such file");
        var status = file.GetOwnStatus();
        if (status.Kind != GuestFileKind.Regular)
            throw new IOException("it is not a regular file");
        if (status.Length > maxBytes)
            throw new IOException($"it has {status.Length} bytes, more than the {maxBytes} that are read at most");

        return File.OpenHandle(file.Path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
    }

    // The kernel resolves every directory on the way; only links in the last component are followed here.
    private (DirectoryDescriptor Parent, string Name) ResolveLinks(string path)
    {
        var (directory, name) = GuestPath.SplitLast(path);
        for (var links = 0; links < MaxLinks; links++)
        {
            var parent = OpenDirectory(directory);
            if (parent.GetStatus(name) is not { Kind: GuestFileKind.SymbolicLink })
                return (parent, name);

            var target = parent.ReadLink(name);
            parent.Dispose();
            var slash = target.LastIndexOf('/');
            var targetDirectory = slash < 0 ? "." : target[..(slash + 1)];
            directory = target.StartsWith('/') ? targetDirectory : GuestPath.Join(directory, targetDirectory);
            name = target[(slash + 1)..];
            if (name is "" or "." or "..")
                throw new IOException("it is a link to a directory");
        }

        throw new IOException("too many symbolic links");
    }

    private static T Guarded<T>(string path, Func<T> action)
    {
        try
        {
            return action();
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new GuestException($"The guest's {path} cannot be used: {failure.Message}.", failure) { ResourceId = path };
        }
    }
}
