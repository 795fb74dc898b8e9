namespace Coriolis.Morphing.Tests.Support;

/// <summary>A Debian with programs of other distributions, and with NetworkManager, once for all test runs of a build tree.</summary>
internal static class DebianTools
{
    private const string Packages = "network-manager pacman-package-manager zypper dracut-core";

    private static readonly Lazy<string?> s_root = new(Create);

    /// <summary>The directory, which tests do not change; skips the test where it cannot be made.</summary>
    public static string Root
    {
        get
        {
            var debian = DebianGuest.Plain.Root;
            Assume.That(s_root.Value, Is.Not.Null, $"needs a Debian mirror that apt reaches from {debian}");
            return s_root.Value!;
        }
    }

    private static string? Create()
    {
        var root = Path.Combine(DebianGuest.Cache, "debian-tools");
        if (Directory.Exists(root))
            return root;

        var unfinished = $"{root}.{Environment.ProcessId}";
        Machine.Run("cp", "--archive", "--reflink=auto", DebianGuest.Plain.Root, unfinished);
        var (exitCode, output) = Machine.TryRun(
            "unshare", "--mount", "sh", "-ec",
            $"""
            cp /etc/resolv.conf "$0/etc/resolv.conf"
            mount -t proc proc "$0/proc"
            export DEBIAN_FRONTEND=noninteractive
            chroot "$0" apt-get update
            chroot "$0" apt-get install --yes --no-install-recommends {Packages}
            rm -r "$0/var/cache/apt" "$0/var/lib/apt/lists"
            """,
            unfinished);
        if (exitCode != 0)
        {
            TestContext.Progress.WriteLine(output);
            return null;
        }

        Directory.Move(unfinished, root);
        return root;
    }
}
