using System.Diagnostics;

namespace Coriolis.Morphing.Tests.Support;

/// <summary>A guest on two file systems that the test, in the orchestrator's place, has mounted on this machine.</summary>
internal sealed class MountedGuest : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly List<string> _mounts = [];

    /// <param name="prepare">Makes the guest's files in a directory.</param>
    /// <param name="sizeMiB">The size of the root file system.</param>
    public MountedGuest(Action<TemporaryDirectory> prepare, int sizeMiB = 64)
    {
        Machine.NeedsRoot();
        Machine.NeedsProgram("setfattr");
        using var root = new TemporaryDirectory();
        foreach (var folder in (string[])["bin", "etc", "home", "proc", "usr", "var"])
            Directory.CreateDirectory(root.Below(folder));
        root.Write("etc/os-release", "ID=debian\n");
        prepare(root);
        using var home = new TemporaryDirectory();
        Machine.Run("sh", "-ec", "cp --archive \"$0\"/home/. \"$1\"; rm -rf \"$0\"/home/*", root.Path, home.Path);
        Root = _directory.Below("guest");
        Directory.CreateDirectory(Root);
        Mount("root", root.Path, Root, sizeMiB);
        Mount("home", home.Path, Path.Combine(Root, "home"), 16);
        Machine.Run("mount", "-t", "proc", "proc", Path.Combine(Root, "proc"));
        _mounts.Add(Path.Combine(Root, "proc"));
    }

    /// <summary>Where the root file system is mounted.</summary>
    public string Root { get; }

    public string Report => _directory.Below("report.json");

    public string Below(string path) => Path.Combine(Root, path.TrimStart('/'));

    /// <summary>Everything on both file systems, down to times and extended attributes.</summary>
    public string Snapshot() => DiskFile.SnapshotDirectory(Root) + DiskFile.SnapshotDirectory(Below("home"));

    /// <summary>Unmounts the guest and tells which loop devices somebody still holds.</summary>
    /// <remarks>Whatever makes a mount namespace at this moment, such as a machine or a morph of another test, has a copy of all mounts as long as it lives.</remarks>
    public string Unmount()
    {
        foreach (var mount in _mounts.AsEnumerable().Reverse())
            Machine.Run("umount", mount);
        _mounts.Clear();
        var waited = Stopwatch.StartNew();
        string held;
        do
            held = Machine.Run("losetup", "--associated", _directory.Below("root")) + Machine.Run("losetup", "--associated", _directory.Below("home"));
        while (held.Length > 0 && waited.Elapsed < TimeSpan.FromMinutes(5));
        return held;
    }

    public void Dispose()
    {
        foreach (var mount in _mounts.AsEnumerable().Reverse())
            Machine.TryRun("umount", mount);
        _directory.Dispose();
    }

    private void Mount(string name, string files, string place, int sizeMiB)
    {
        using (var file = File.Create(_directory.Below(name)))
            file.SetLength(sizeMiB * 1024L * 1024);
        Machine.Run("mkfs.ext4", "-q", "-m", "0", "-d", files, _directory.Below(name));
        Machine.Run("mount", "-o", "loop", _directory.Below(name), place);
        _mounts.Add(place);
    }
}
