namespace Coriolis.Morphing.Tests.Support;

/// <summary>A Debian that debootstrap made, with the real cloud-init, once for all test runs of a build tree.</summary>
internal static class DebianGuest
{
    private const string Packages =
        "cloud-init,python3-cffi-backend,openssh-server,ifupdown,netplan.io,isc-dhcp-client,systemd-sysv,udev,sudo,initramfs-tools,rpm";

    private static readonly Lazy<string?> s_root = new(Create);

    /// <summary>Copies the guest to a directory that does not exist yet; skips the test where no guest can be made.</summary>
    public static void CopyTo(string directory)
    {
        Machine.NeedsRoot();
        Machine.NeedsProgram("debootstrap");
        Assume.That(s_root.Value, Is.Not.Null, "needs a Debian mirror that debootstrap reaches");
        Machine.Run("cp", "--archive", "--reflink=auto", s_root.Value!, directory);
    }

    private static string? Create()
    {
        // artifacts/bin/PROJECT/release is where the tests run.
        var cache = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "../../../guests"));
        var root = Path.Combine(cache, "debian-bookworm");
        if (Directory.Exists(root))
            return root;

        Directory.CreateDirectory(cache);
        var unfinished = $"{root}.{Environment.ProcessId}";
        var (exitCode, output) = Machine.TryRun("debootstrap", "--variant=minbase", $"--include={Packages}", "bookworm", unfinished);
        if (exitCode != 0)
        {
            TestContext.Progress.WriteLine(output);
            return null;
        }

        Directory.Delete(Path.Combine(unfinished, "var/cache/apt/archives"), recursive: true);
        Directory.Move(unfinished, root);
        return root;
    }
}
