namespace Coriolis.Morphing.Ssh;

/// <summary>Where a guest's directory is that is reached over SSH: on an OS-morphing worker, for example.</summary>
/// <remarks>
/// Immutable; safe for concurrent use. The worker needs a POSIX shell, GNU coreutils and findutils, and util-linux.
/// </remarks>
public sealed class SshGuestOptions
{
    /// <summary>The worker's name or address.</summary>
    public required string Host { get; init; }

    /// <summary>The port of its SSH server.</summary>
    /// <value>The default is 22.</value>
    public int Port { get; init; } = 22;

    /// <summary>Whom to log in as. Another user than root must be allowed to become root by <c>sudo</c> without a password.</summary>
    /// <value>The default is <c>root</c>.</value>
    public string User { get; init; } = "root";

    /// <summary>The private key to log in with, as the text of a PEM or OpenSSH file without a passphrase.</summary>
    public required string PrivateKey { get; init; }

    /// <summary>The only host key that is accepted, as the line of an <c>ssh_host_*_key.pub</c> file: type and Base64.</summary>
    public required string HostKey { get; init; }

    /// <summary>The absolute path of the guest's root directory on the worker.</summary>
    public required string Directory { get; init; }

    /// <summary>The file systems and swap areas on the guest's disks, which only who has attached the disks knows.</summary>
    /// <value>The default is empty: the guest's fstab stays as it is.</value>
    public IReadOnlyList<GuestFileSystem> FileSystems { get; init; } = [];

    /// <summary>How long connecting may take.</summary>
    /// <value>The default is 30 seconds.</value>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(30);
}
