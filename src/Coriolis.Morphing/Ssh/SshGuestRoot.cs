using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using Coriolis.Morphing.Guests;
using Coriolis.Morphing.Staging;

namespace Coriolis.Morphing.Ssh;

/// <summary>A guest's root file system in a directory of another machine that is reached over SSH.</summary>
/// <remarks>
/// The host key is pinned. No path leaves the directory, whatever symbolic links the guest holds, as long as nobody else
/// changes the guest meanwhile. When the connection is lost, or this process dies, what it runs there is killed.
/// Thread safety: as <see cref="IGuestRoot"/> says. Disposing closes the connection.
/// </remarks>
public sealed class SshGuestRoot : IGuestRoot, IDirectoryGuest, IDisposable
{
    private const int MaxListBytes = 64 * 1024 * 1024;
    private const int FieldsPerEntry = 5;

    private readonly SshHost _host;
    private readonly string _directory;
    private readonly IReadOnlyList<string> _enterNamespace;
    private readonly GuestCommandRunner _runner;
    private readonly bool _ownsHost;

    private SshGuestRoot(SshHost host, string directory, IReadOnlyList<GuestFileSystem> fileSystems)
        : this(host, [], directory, $"{directory} on {host.Description}", fileSystems) => _ownsHost = true;

    /// <summary>A guest in a mount namespace of a machine, whose connection belongs to somebody else.</summary>
    internal SshGuestRoot(
        SshHost host, IReadOnlyList<string> enterNamespace, string directory, string description, IReadOnlyList<GuestFileSystem> fileSystems)
    {
        _host = host;
        _enterNamespace = enterNamespace;
        _directory = directory;
        _runner = new(host.RunAsync, enterNamespace, directory);
        Description = description;
        FileSystems = fileSystems;
    }

    /// <inheritdoc/>
    public string Description { get; }

    /// <inheritdoc/>
    public IReadOnlyList<GuestFileSystem> FileSystems { get; }

    /// <summary>Connects to the machine that holds the guest.</summary>
    /// <param name="options">Which machine, and the directory there.</param>
    /// <param name="timeProvider">Measures time-outs of programs; the system's clock when <see langword="null"/>.</param>
    /// <param name="cancellationToken">Cancels connecting.</param>
    /// <returns>The guest.</returns>
    /// <exception cref="GuestException">The machine cannot be reached, has another host key, refuses the login, or has no such directory.</exception>
    public static async Task<SshGuestRoot> ConnectAsync(
        SshGuestOptions options, TimeProvider? timeProvider = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        _ = GuestPath.Split(options.Directory);
        var host = await SshHost.ConnectAsync(options, timeProvider ?? TimeProvider.System, cancellationToken).ConfigureAwait(false);
        var guest = new SshGuestRoot(host, options.Directory, options.FileSystems);
        try
        {
            await guest.GetFileAsync("/", cancellationToken).ConfigureAwait(false);
            return guest;
        }
        catch
        {
            guest.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public async ValueTask<GuestFile?> GetFileAsync(string path, CancellationToken cancellationToken = default)
    {
        var plain = "/" + string.Join('/', GuestPath.Split(path));
        var entry = await RunAsync(GuestScripts.Look, path, [plain], default, MaxListBytes, cancellationToken).ConfigureAwait(false);
        return ParseEntries("/", entry).SingleOrDefault() is { } file ? file with { Path = plain } : null;
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<GuestFile> ListAsync(string path, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        _ = GuestPath.Split(path);
        var entries = await RunAsync(GuestScripts.List, path, [path], default, MaxListBytes, cancellationToken).ConfigureAwait(false);
        foreach (var file in ParseEntries(path, entries).OrderBy(file => file.Path, StringComparer.Ordinal))
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return file;
        }
    }

    /// <inheritdoc/>
    public Task<ReadOnlyMemory<byte>> ReadAsync(string path, int maxBytes, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(maxBytes);
        _ = GuestPath.Split(path);
        return RunAsync(GuestScripts.Read, path, [path, Number(maxBytes)], default, maxBytes, cancellationToken);
    }

    /// <inheritdoc/>
    public Task WriteAsync(string path, ReadOnlyMemory<byte> contents, UnixFileMode mode, CancellationToken cancellationToken = default)
    {
        var (_, name) = GuestPath.SplitLast(path);
        return RunAsync(
            GuestScripts.Write, path, [path, Octal(mode), FileReplacement.TemporaryName(name), Number(contents.Length)], contents, 0, cancellationToken);
    }

    /// <inheritdoc/>
    public Task CreateDirectoryAsync(string path, UnixFileMode mode, CancellationToken cancellationToken = default) =>
        RunAsync(GuestScripts.CreateDirectory, path, [Octal(mode), .. GuestPath.Split(path)], default, 0, cancellationToken);

    /// <inheritdoc/>
    public Task CreateLinkAsync(string path, string target, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(target);
        var (_, name) = GuestPath.SplitLast(path);
        return RunAsync(GuestScripts.CreateLink, path, [path, target, FileReplacement.TemporaryName(name)], default, 0, cancellationToken);
    }

    /// <inheritdoc/>
    public Task DeleteAsync(string path, CancellationToken cancellationToken = default)
    {
        _ = GuestPath.SplitLast(path);
        return RunAsync(GuestScripts.Delete, path, [path], default, 0, cancellationToken);
    }

    /// <inheritdoc/>
    public Task<GuestCommandResult> RunAsync(GuestCommand command, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(command);
        return _runner.RunAsync(command, cancellationToken);
    }

    /// <inheritdoc/>
    async Task<IMountedGuest> IDirectoryGuest.MountAsync(CancellationToken cancellationToken) =>
        await SshMountedGuest.OpenAsync(_host, _directory, Description, FileSystems, cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_ownsHost)
            _host.Dispose();
    }

    private async Task<ReadOnlyMemory<byte>> RunAsync(
        string script, string path, string[] arguments, ReadOnlyMemory<byte> input, int maxOutputBytes, CancellationToken cancellationToken)
    {
        try
        {
            var run = new SshScript(script, [_directory, .. arguments])
            {
                Enter = _enterNamespace,
                WriteInput = (stream, token) => stream.WriteAsync(input, token).AsTask(),
                MaxOutputBytes = maxOutputBytes,
            };
            return await _host.RunScriptAsync(run, cancellationToken).ConfigureAwait(false);
        }
        catch (IOException failure)
        {
            throw new GuestException($"The guest's {path} cannot be used: {failure.Message}.", failure) { ResourceId = path };
        }
    }

    private static IEnumerable<GuestFile> ParseEntries(string directory, ReadOnlyMemory<byte> output) =>
        Encoding.UTF8.GetString(output.Span).Split('\0').Chunk(FieldsPerEntry).Where(fields => fields.Length == FieldsPerEntry).Select(fields =>
        {
            var kind = fields[1] switch
            {
                "f" => GuestFileKind.Regular,
                "d" => GuestFileKind.Directory,
                "l" => GuestFileKind.SymbolicLink,
                _ => GuestFileKind.Special,
            };
            return new GuestFile
            {
                Path = GuestPath.Join(directory, fields[0]),
                Kind = kind,
                Mode = (UnixFileMode)Convert.ToInt32(fields[2], 8),
                SizeBytes = kind == GuestFileKind.Regular ? long.Parse(fields[3], CultureInfo.InvariantCulture) : 0,
                LinkTarget = kind == GuestFileKind.SymbolicLink ? fields[4] : null,
            };
        });

    private static string Octal(UnixFileMode mode) => Convert.ToString((int)mode, 8);

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);
}
