using System.Globalization;

namespace Coriolis.Morphing.Mounting;

/// <summary>Devices of the host that a run left because what was to take them down was killed with it, as when a container ends.</summary>
internal static class AbandonedDevices
{
    // A process is only known to be gone where its number is from: other containers of the host see the same devices, but not their processes.
    private static readonly string s_prefix = string.Create(CultureInfo.InvariantCulture, $"coriolis-{ReadProcessNamespace():x}-");

    private static int s_count;

    // What is on top goes first, whatever the order of the names.
    private const string Script = MountNamespace.Unmap + """

        abandoned() {
            case $1 in "$prefix"*) owner=${1#"$prefix"}; [ ! -e "/proc/$((0x${owner%%-*}))" ] ;; *) false ;; esac
        }
        # Its loop devices go with it: one of them may be over the next device.
        release() {
            for name in $1; do
                case $name in loop*) losetup --detach "/dev/$name" ;; esac
            done
        }
        prefix=$1
        for attempt in 1 2 3 4 5 6 7 8 9 10; do
            left=
            for entry in /sys/block/dm-*/dm/name; do
                [ -e "$entry" ] && name=$(cat "$entry") && abandoned "$name" || continue
                below=$(ls "${entry%/dm/name}/slaves")
                if unmap "$name"; then release "$below"; else left=1; fi
            done
            for device in /dev/md/*; do
                [ -b "$device" ] && abandoned "${device##*/}" || continue
                block=$(readlink -f "$device")
                below=$(ls "/sys/block/${block##*/}/slaves")
                if mdadm --stop "$device" && rm -f "$device"; then release "$below"; else left=1; fi
            done
            [ -n "$left" ] || break
            sleep 0.5
        done
        """;

    /// <summary>A name for a device that says whose it is; no longer than the 32 letters that mdadm takes.</summary>
    public static string NextName() =>
        string.Create(CultureInfo.InvariantCulture, $"{s_prefix}{Environment.ProcessId:x}-{Interlocked.Increment(ref s_count)}");

    /// <summary>Takes down the devices of runs whose process is gone.</summary>
    /// <remarks>What is in use stays; whoever needs its disk is told by the program that cannot open it.</remarks>
    public static Task TakeDownAsync(MountNamespace space, CancellationToken cancellationToken) =>
        space.TryRunAsync(["/bin/sh", "-c", Script, "sh", s_prefix], cancellationToken);

    // "pid:[4026531836]"
    private static long ReadProcessNamespace() =>
        long.Parse(File.ResolveLinkTarget("/proc/self/ns/pid", returnFinalTarget: false)!.Name.Trim('p', 'i', 'd', ':', '[', ']'), CultureInfo.InvariantCulture);
}
