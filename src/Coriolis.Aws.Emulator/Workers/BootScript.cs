namespace Coriolis.Aws.Emulator.Workers;

/// <summary>What the first process of a machine does before it takes commands.</summary>
internal static class BootScript
{
    /// <summary>Marks a line of the machine's output as an answer rather than console output.</summary>
    public const string Mark = "@@emulator";

    /// <summary>
    /// Puts the machine on a root of its own: the host's file system underneath, everything written in memory. What is mounted on the host is
    /// not there, so the emulator's data is out of reach.
    /// </summary>
    public const string Root = """
        exec 2>&1
        set -e
        mount --make-rprivate /
        mount -t tmpfs -o mode=755 machine /mnt
        mkdir /mnt/upper /mnt/work /mnt/root
        mount -t overlay overlay -o lowerdir=/,upperdir=/mnt/upper,workdir=/mnt/work /mnt/root
        cd /mnt/root
        mkdir -p proc sys dev run tmp mnt/host
        mount -t proc proc proc
        mount -t sysfs sysfs sys
        mount -t tmpfs -o mode=755 dev dev
        mount -t tmpfs -o mode=755 run run
        mount -t tmpfs -o mode=1777 tmp tmp
        mkdir dev/pts dev/shm run/sshd
        mount -t devpts -o newinstance,ptmxmode=666,mode=620 devpts dev/pts
        ln -s pts/ptmx dev/ptmx
        ln -s /proc/self/fd dev/fd
        mknod -m 666 dev/null c 1 3
        mknod -m 666 dev/zero c 1 5
        mknod -m 666 dev/full c 1 7
        mknod -m 666 dev/random c 1 8
        mknod -m 666 dev/urandom c 1 9
        mknod -m 666 dev/tty c 5 0
        pivot_root . mnt/host
        umount -l /mnt/host
        set +e

        """;

    /// <summary>Turns requests to power off, now or later, into a line for the emulator. Times are <c>now</c> or <c>+minutes</c>.</summary>
    public const string PowerCommands = $$"""
        rm -f /sbin/shutdown /sbin/poweroff /usr/sbin/shutdown /usr/sbin/poweroff
        cat > /usr/sbin/shutdown <<'EOF'
        #!/bin/sh
        when=now
        for argument in "$@"; do
            case $argument in
                -c) when=never ;;
                +*|now) when=${argument#+} ;;
            esac
        done
        [ "$when" = now ] && when=0
        echo "{{Mark}} shutdown $when" > /proc/1/fd/1
        EOF
        chmod 755 /usr/sbin/shutdown
        printf '#!/bin/sh\nexec /usr/sbin/shutdown now\n' > /usr/sbin/poweroff
        chmod 755 /usr/sbin/poweroff

        """;

    /// <summary>Lets nothing out of the machine that answers on another port than SSH's, as a firewall in between would.</summary>
    public static string CloseOtherPorts(string address) => $"""
        ip rule add pref 10 from {address} ipproto tcp sport 22 lookup main
        ip rule add pref 20 from {address} ipproto tcp sport 1-32767 blackhole

        """;

    /// <summary>Resets all connections of the machine.</summary>
    public const string ResetConnections = "ss --kill state established > /dev/null 2>&1; true";

    /// <summary>Starts the SSH server with the host keys in /etc/ssh.</summary>
    /// <param name="altersUploads">Whether every piece of a file that is uploaded arrives with another last byte.</param>
    public static string SshServer(bool altersUploads) => $$"""
        ls /etc/ssh/ssh_host_*_key > /dev/null 2>&1 || ssh-keygen -A
        chmod 600 /etc/ssh/ssh_host_*_key
        for key in /etc/ssh/ssh_host_*_key; do ssh-keygen -y -f "$key" > "$key.pub"; ssh-keygen -l -f "$key.pub"; done
        {{(altersUploads ? AlteringSftp : "")}}
        printf 'PasswordAuthentication no\nUsePAM no\nSubsystem sftp {{(altersUploads ? "/usr/local/bin/altering-sftp" : "internal-sftp")}}\n' > /etc/ssh/sshd_config
        for key in /etc/ssh/ssh_host_*_key; do echo "HostKey $key" >> /etc/ssh/sshd_config; done
        /usr/sbin/sshd -D -e < /dev/null &

        """;

    // draft-ietf-secsh-filexfer-02: a packet is its length in four bytes and its type; type 6 is SSH_FXP_WRITE, which ends with the bytes to write.
    private const string AlteringSftp = """
        cat > /usr/local/bin/altering-sftp <<'EOF'
        #!/bin/sh
        for server in /usr/lib/openssh/sftp-server /usr/libexec/openssh/sftp-server /usr/lib/ssh/sftp-server; do
            [ -x $server ] && break
        done
        perl -e '
            sub take { my $all = ""; while (length $all < $_[0]) { sysread(STDIN, $all, $_[0] - length $all, length $all) or exit } $all }
            while (1) {
                my $length = take(4);
                my $packet = take(unpack "N", $length);
                substr($packet, -1) ^= "\x01" if ord($packet) == 6;
                syswrite STDOUT, $length . $packet;
            }' | $server
        EOF
        chmod 755 /usr/local/bin/altering-sftp
        """;
}
