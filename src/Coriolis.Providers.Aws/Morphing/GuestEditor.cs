using System.Text;

namespace Coriolis.Providers.Aws.Morphing;

/// <summary>Changes a guest's files only where they differ from what is wanted, and keeps the list of what changed.</summary>
internal sealed class GuestEditor(IGuestRoot guest)
{
    private const int MaxTextBytes = 1024 * 1024;
    private const UnixFileMode DirectoryMode = (UnixFileMode)0x1ed;

    private readonly List<MorphChange> _changes = [];
    private readonly List<string> _warnings = [];

    public const UnixFileMode Readable = (UnixFileMode)0x1a4;
    public const UnixFileMode Secret = (UnixFileMode)0x180;

    public IGuestRoot Guest => guest;

    public void Report(MorphChangeKind kind, string subject, string why) => _changes.Add(new(kind, subject, why));

    public void Warn(string sentence) => _warnings.Add(sentence);

    public MorphReport ToReport(string morpherName) => new(morpherName, [.. _changes], [.. _warnings]);

    public async Task<bool> ExistsAsync(string path, CancellationToken cancellationToken) =>
        await guest.GetFileAsync(path, cancellationToken).ConfigureAwait(false) is not null;

    /// <summary>Reads a small text file; <see langword="null"/> when there is no such regular file or it is no small one.</summary>
    public async Task<string?> ReadTextAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            return await ExistsAsync(path, cancellationToken).ConfigureAwait(false)
                ? Encoding.UTF8.GetString((await guest.ReadAsync(path, MaxTextBytes, cancellationToken).ConfigureAwait(false)).Span)
                : null;
        }
        catch (GuestException)
        {
            // A FIFO, a dangling link or a huge file where configuration belongs is nothing that could be edited.
            return null;
        }
    }

    /// <summary>The regular files and links of a directory whose names end in one of some ways.</summary>
    public async Task<IReadOnlyList<string>> ListAsync(string directory, CancellationToken cancellationToken, params string[] endings)
    {
        var paths = new List<string>();
        await foreach (var file in guest.ListAsync(directory, cancellationToken).ConfigureAwait(false))
        {
            if (file.Kind is GuestFileKind.Regular or GuestFileKind.SymbolicLink
                && (endings.Length == 0 || endings.Any(ending => file.Path.EndsWith(ending, StringComparison.Ordinal))))
                paths.Add(file.Path);
        }

        return paths;
    }

    public async Task WriteAsync(string path, string text, UnixFileMode mode, string why, CancellationToken cancellationToken)
    {
        if (await ReadTextAsync(path, cancellationToken).ConfigureAwait(false) == text)
            return;

        await guest.CreateDirectoryAsync(path[..path.LastIndexOf('/')], DirectoryMode, cancellationToken).ConfigureAwait(false);
        await guest.WriteAsync(path, Encoding.UTF8.GetBytes(text), mode, cancellationToken).ConfigureAwait(false);
        Report(MorphChangeKind.FileWritten, path, why);
    }

    public async Task<bool> DeleteAsync(string path, string why, CancellationToken cancellationToken)
    {
        if (!await ExistsAsync(path, cancellationToken).ConfigureAwait(false))
            return false;

        await guest.DeleteAsync(path, cancellationToken).ConfigureAwait(false);
        Report(MorphChangeKind.FileRemoved, path, why);
        return true;
    }
}
