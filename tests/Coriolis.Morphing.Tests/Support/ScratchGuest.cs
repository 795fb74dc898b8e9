namespace Coriolis.Morphing.Tests.Support;

/// <summary>A guest over one that is kept between test runs: what is changed is in memory, and gone afterwards.</summary>
internal sealed class ScratchGuest : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    /// <param name="below">The guest that is kept.</param>
    public ScratchGuest(string below)
    {
        Directory.CreateDirectory(_directory.Below("memory"));
        Directory.CreateDirectory(Root);
        Machine.Run("sh", "-ec", """
            cd "$0"
            mount -t tmpfs none memory
            mkdir memory/upper memory/work
            mount -t overlay -o lowerdir="$1",upperdir=memory/upper,workdir=memory/work overlay guest
            """, _directory.Path, below);
    }

    public string Root => _directory.Below("guest");

    public string Below(string path) => Path.Combine(Root, path.TrimStart('/'));

    /// <summary>Runs a script in the guest, with what programs need of /proc and /sys.</summary>
    public string Run(string script) => Machine.Run(
        "unshare", "--mount", "sh", "-ec", "mount -t proc proc \"$0/proc\"; mount -t sysfs -o ro sysfs \"$0/sys\"; exec chroot \"$0\" sh -ec \"$1\"", Root, script);

    public void Dispose()
    {
        Machine.TryRun("umount", Root);
        Machine.TryRun("umount", _directory.Below("memory"));
        _directory.Dispose();
    }
}
