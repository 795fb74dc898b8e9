using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using Coriolis.Morphing.Guests;
using Coriolis.Morphing.Mounting;
using Coriolis.Morphing.Staging;

namespace Coriolis.Morphing.Ssh;

/// <summary>The file systems of a guest that are mounted on another machine.</summary>
/// <remarks>A script does many entries at once: the way there and back is long.</remarks>
internal sealed class SshGuestTree(SshMountSpace space, string directory, IReadOnlyList<GuestMount> mounts) : IGuestTree
{
    private const int MaxListBytes = 256 * 1024 * 1024;

    private static readonly string s_staged = MountNamespace.Inside(GuestStage.Directory);
    private static readonly string s_plan = MountNamespace.Inside("plan");

    private readonly IReadOnlyList<GuestMount> _mounts = [.. mounts.Where(mount => mount.CanStage)];

    public async Task<IReadOnlyList<FileChange>> CompareAsync(CancellationToken cancellationToken)
    {
        var touched = new SortedSet<string>(StringComparer.Ordinal);
        var opaque = new HashSet<string>(StringComparer.Ordinal);
        foreach (var mount in _mounts)
        {
            var output = await RunTextAsync(new(TreeScripts.Changes, [MountNamespace.Inside(mount.Changes)]), cancellationToken).ConfigureAwait(false);
            var parts = output.Split("\0\0", 2);
            var prefix = mount.MountPoint.TrimEnd('/');
            touched.UnionWith(parts[0].Split('\0', StringSplitOptions.RemoveEmptyEntries).Select(name => $"{prefix}/{name}"));
            if (parts.Length > 1)
                opaque.UnionWith(EntryOutput.ParseAttributes(parts[1]).Select(entry => prefix + entry.Path));
        }

        var after = new Dictionary<string, FileState>(await LookAsync(s_staged, touched, cancellationToken).ConfigureAwait(false), StringComparer.Ordinal);
        string[] existing = [.. touched, .. _mounts.Select(mount => mount.MountPoint)];
        var before = new Dictionary<string, FileState>(await LookAsync(existing, cancellationToken).ConfigureAwait(false), StringComparer.Ordinal);
        KeepLabels(touched, before, after);

        // What was in a directory that was removed or replaced is gone without a word in the overlay.
        var hiding = before.Where(pair => pair.Value.Kind == GuestFileKind.Directory && touched.Contains(pair.Key)
            && (opaque.Contains(pair.Key) || after.GetValueOrDefault(pair.Key)?.Kind != GuestFileKind.Directory)).Select(pair => pair.Key).ToArray();
        var hidden = (await ListAsync(hiding, cancellationToken).ConfigureAwait(false)).Except(touched).ToArray();
        foreach (var (path, state) in await LookAsync(hidden, cancellationToken).ConfigureAwait(false))
            before[path] = state;
        touched.UnionWith(hidden);

        return
        [
            .. touched.Select(path => new FileChange(path, before.GetValueOrDefault(path), after.GetValueOrDefault(path)))
                .Where(change => change is not ({ Before: null, After: null }) && !IsSame(change)),
        ];
    }

    public Task<IReadOnlyDictionary<string, FileState>> LookAsync(IReadOnlyCollection<string> paths, CancellationToken cancellationToken) =>
        LookAsync(directory, paths, cancellationToken);

    public async IAsyncEnumerable<GuestEntry> ReadAsync(
        IReadOnlyCollection<string> paths, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var states = await LookAsync(paths, cancellationToken).ConfigureAwait(false);
        var files = paths.Where(path => states.GetValueOrDefault(path)?.Kind == GuestFileKind.Regular).ToArray();

        // The script prints the files' bytes one after the other.
        var script = new SshScript(TreeScripts.Read, [directory]) { Enter = space.Enter, WriteInput = Names(files) };
        using var run = await space.Host.StartScriptAsync(script, cancellationToken).ConfigureAwait(false);
        foreach (var path in paths.Where(states.ContainsKey))
        {
            var state = states[path];
            if (state.Kind != GuestFileKind.Regular)
            {
                yield return new(path, state, null);
                continue;
            }

            using var content = new RemoteContent(run.Output, path, state);
            yield return new(path, state, content);
            content.Check();
        }

        await run.EndAsync(cancellationToken).ConfigureAwait(false);
    }

    public async Task ApplyAsync(IReadOnlyList<FileChange> changes, CancellationToken cancellationToken)
    {
        var plan = new RestorePlan();

        // Removing first makes room on a full file system.
        plan.Remove(changes.Where(change => change.After is null).Select(change => change.Path).OrderDescending(StringComparer.Ordinal));
        foreach (var change in changes.Where(change => change.After is not null).OrderBy(change => change.Path, StringComparer.Ordinal))
            plan.Put(change.Path, change.After!);
        await RunPlanAsync(plan, s_staged, (_, _) => Task.CompletedTask, cancellationToken).ConfigureAwait(false);

        // The tools are the worker's own; so what they did is looked at.
        var now = await LookAsync([.. changes.Select(change => change.Path)], cancellationToken).ConfigureAwait(false);
        if (changes.FirstOrDefault(change => !IsSame(new(change.Path, now.GetValueOrDefault(change.Path), change.After))) is { } wrong)
            throw new IOException($"{wrong.Path} is not as it was written");
    }

    public Task RestoreAsync(IReadOnlyCollection<string> created, Stream archive, CancellationToken cancellationToken)
    {
        var plan = new RestorePlan();
        plan.Remove(created.OrderDescending(StringComparer.Ordinal));

        var start = archive.Position;
        var directories = new Stack<(string Path, FileState State)>();
        foreach (var (path, state, _) in UndoArchive.Read(archive))
        {
            plan.Put(path, state);
            if (state.Kind == GuestFileKind.Directory)
                directories.Push((path, state));
        }

        // Restoring an entry has changed the time of its directory.
        foreach (var (path, state) in directories)
            plan.Put(path, state);

        return RunPlanAsync(plan, "", WriteContentAsync, cancellationToken);

        async Task WriteContentAsync(Stream input, CancellationToken token)
        {
            archive.Position = start;
            foreach (var entry in UndoArchive.Read(archive))
            {
                if (entry.Content is not null)
                    await entry.Content.CopyToAsync(input, token).ConfigureAwait(false);
            }
        }
    }

    public void Dispose()
    {
    }

    private static void KeepLabels(IEnumerable<string> paths, Dictionary<string, FileState> before, Dictionary<string, FileState> after)
    {
        // A directory comes before what is in it, and the overlay holds all directories above a change but the root of the file system.
        foreach (var path in paths.Where(after.ContainsKey))
        {
            var directory = GuestPath.SplitLast(path).Directory;
            var labelled = before.GetValueOrDefault(path) ?? after.GetValueOrDefault(directory) ?? before.GetValueOrDefault(directory);
            after[path] = after[path].WithLabel(labelled?.Label);
        }
    }

    private static bool IsSame(FileChange change) => (change.Before, change.After) switch
    {
        (null, null) => true,
        ({ } before, { } after) => before.IsSameAs(after),
        _ => false,
    };

    private async Task<IReadOnlyDictionary<string, FileState>> LookAsync(
        string below, IReadOnlyCollection<string> paths, CancellationToken cancellationToken) =>
        EntryOutput.ParseStates(await RunTextAsync(new(TreeScripts.Look, [below]) { WriteInput = Names(paths) }, cancellationToken).ConfigureAwait(false));

    private async Task<IEnumerable<string>> ListAsync(IReadOnlyCollection<string> paths, CancellationToken cancellationToken)
    {
        var output = await RunTextAsync(new(TreeScripts.List, [directory]) { WriteInput = Names(paths) }, cancellationToken).ConfigureAwait(false);
        return output.Split('\0', StringSplitOptions.RemoveEmptyEntries).Select(EntryOutput.PathOf);
    }

    private async Task RunPlanAsync(RestorePlan plan, string stage, Func<Stream, CancellationToken, Task> writeContent, CancellationToken cancellationToken)
    {
        plan.Flush(_mounts.Select(mount => mount.MountPoint));
        var text = Encoding.UTF8.GetBytes(plan.ToString());
        var store = new SshScript(TreeScripts.Store, [s_plan, text.Length.ToString(CultureInfo.InvariantCulture)])
        {
            WriteInput = (input, token) => input.WriteAsync(text, token).AsTask(),
        };
        await RunTextAsync(store, cancellationToken).ConfigureAwait(false);

        // What changes the guest must not outlive the connection: the next run takes back what it finds.
        var run = new SshScript("exec /bin/sh \"$@\"", [s_plan, directory, stage]) { Enter = space.EnterForLife, WriteInput = writeContent };
        await space.Host.RunScriptAsync(run, cancellationToken).ConfigureAwait(false);
    }

    private async Task<string> RunTextAsync(SshScript script, CancellationToken cancellationToken)
    {
        var run = script with { Enter = space.Enter, MaxOutputBytes = MaxListBytes };
        try
        {
            return Encoding.UTF8.GetString((await space.Host.RunScriptAsync(run, cancellationToken).ConfigureAwait(false)).Span);
        }
        catch (IOException failure)
        {
            throw new GuestException($"The guest's files cannot be looked at on {space.Host.Description}: {failure.Message}", failure);
        }
    }

    private static Func<Stream, CancellationToken, Task> Names(IEnumerable<string> paths)
    {
        var names = Encoding.UTF8.GetBytes(string.Concat(paths.Select(path => EntryOutput.NameOf(path) + "\0")));
        return (input, cancellationToken) => input.WriteAsync(names, cancellationToken).AsTask();
    }
}
