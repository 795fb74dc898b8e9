using Coriolis.Morphing.Processes;

namespace Coriolis.Morphing.Guests;

/// <summary>Runs a guest's program with the guest's directory as its root, in namespaces of its own.</summary>
/// <param name="runOnHost">Runs a program on the machine that holds the guest.</param>
/// <param name="enterNamespace">The command that enters the mount namespace which holds the guest; empty for the host's own.</param>
/// <param name="root">The guest's directory in that namespace.</param>
/// <remarks>
/// Maintainer scripts of packages run as root, so they get what a container gets: no network but loopback, no host
/// processes, a read-only /sys and kernel settings, a /dev without disks, an empty /run and /tmp, and the capabilities of a
/// container but for making devices. A root can leave what chroot(2) gives it; then it stands in a directory that holds the guest
/// alone, which is the root of its mount namespace.
/// All mounts and processes end with the first process of the new namespaces, whoever kills it.
/// </remarks>
internal sealed class GuestCommandRunner(GuestCommandRunner.RunOnHost runOnHost, IReadOnlyList<string> enterNamespace, string root)
{
    /// <summary>Runs a program to its end, with nothing of the caller's environment, and kills it when its time is over.</summary>
    public delegate Task<GuestCommandResult> RunOnHost(
        IReadOnlyList<string> command, IReadOnlyDictionary<string, string> environment, TimeSpan timeout, CancellationToken cancellationToken);

    private const int SetupFailed = 125;
    private const string SetupMarker = "guest-setup:";

    // A hostile guest may have links where the mount points belong: those are left alone. No guest is below /sys, so what is mounted there
    // hides none. The guest is one directory below the new root, because the kernel refuses user namespaces, in which a program has all
    // capabilities again, to one whose root is not that of its mount namespace. The writable parts of /proc are those of the host's kernel:
    // core_pattern, say, names a program that runs outside of all this. A setpriv that is older than the kernel does not know the word "all".
    private const string Script = """
        root=$1; shift
        fail() { echo "guest-setup: $1" >&2; exit 125; }
        mount -t tmpfs -o nosuid,nodev,noexec,mode=755 tmpfs /sys && mkdir /sys/guest && mount --rbind "$root" /sys/guest || fail root
        root=/sys/guest
        usable() { [ -d "$root/$1" ] && [ ! -L "$root/$1" ]; }
        if usable proc; then
            mount -t proc -o nosuid,nodev,noexec proc "$root/proc" || fail proc
            for part in bus fs irq sys sysrq-trigger; do
                [ -e "$root/proc/$part" ] || continue
                mount --bind "$root/proc/$part" "$root/proc/$part" && mount -o remount,bind,ro,nosuid,nodev,noexec "$root/proc/$part" || fail "$part"
            done
        fi
        if usable sys; then mount -t sysfs -o ro,nosuid,nodev,noexec sysfs "$root/sys" || fail sys; fi
        if usable dev; then
            mount -t tmpfs -o nosuid,noexec,mode=755 tmpfs "$root/dev" || fail dev
            mkdir "$root/dev/pts" "$root/dev/shm" || fail dev
            for node in null zero full random urandom tty; do
                : > "$root/dev/$node" && mount --bind "/dev/$node" "$root/dev/$node" || fail "$node"
            done
            mount -t devpts -o newinstance,nosuid,noexec,mode=620,ptmxmode=666 devpts "$root/dev/pts" || fail pts
            ln -s pts/ptmx "$root/dev/ptmx"; ln -s /proc/self/fd "$root/dev/fd"
            ln -s fd/0 "$root/dev/stdin"; ln -s fd/1 "$root/dev/stdout"; ln -s fd/2 "$root/dev/stderr"
        fi
        if usable run; then mount -t tmpfs -o nosuid,nodev,mode=755 tmpfs "$root/run" && mkdir "$root/run/lock" || fail run; fi
        if usable tmp; then mount -t tmpfs -o nosuid,nodev,mode=1777 tmpfs "$root/tmp" || fail tmp; fi
        cd /sys && mount --move . / || fail move
        kept=' chown dac_override fowner fsetid kill setgid setuid setpcap net_bind_service net_raw sys_chroot audit_write setfcap '
        dropped=
        for capability in $(setpriv --list-caps); do
            case $kept in *" $capability "*) ;; *) dropped=$dropped${dropped:+,}-$capability ;; esac
        done
        [ -n "$dropped" ] || fail capabilities
        exec setpriv --inh-caps "$dropped" --bounding-set "$dropped" chroot guest "$@"
        """;

    /// <summary>A runner for a guest on this machine.</summary>
    public static GuestCommandRunner Local(IReadOnlyList<string> enterNamespace, string root, TimeProvider timeProvider) => new(
        (command, environment, timeout, cancellationToken) => HostProcess.RunAsync(command, environment, default, timeout, timeProvider, cancellationToken),
        enterNamespace,
        root);

    public async Task<GuestCommandResult> RunAsync(GuestCommand command, CancellationToken cancellationToken)
    {
        string[] full =
        [
            .. enterNamespace,
            "unshare", "--mount", "--propagation", "slave", "--pid", "--fork", "--kill-child=KILL", "--net", "--ipc", "--uts",
            "/bin/sh", "-c", Script, "sh", root, command.Program, .. command.Arguments,
        ];
        var result = await runOnHost(full, command.Environment, command.Timeout, cancellationToken).ConfigureAwait(false);

        // chroot(1) answers 127 or 126 itself when the guest has no such program or the processor cannot run it.
        var notStarted = (result.ExitCode is 126 or 127 && result.Error.StartsWith("chroot: ", StringComparison.Ordinal))
            || (result.ExitCode == SetupFailed && result.Error.Contains(SetupMarker, StringComparison.Ordinal))
            || result.Error.StartsWith("setpriv: ", StringComparison.Ordinal)
            || result.Error.StartsWith("unshare: ", StringComparison.Ordinal)
            || result.Error.StartsWith("nsenter: ", StringComparison.Ordinal);
        return notStarted
            ? throw new GuestException($"{command.Program} cannot be started in the guest: {result.Error.Trim()}")
            : result;
    }
}
