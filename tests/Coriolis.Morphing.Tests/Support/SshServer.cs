using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Coriolis.Morphing.Ssh;

namespace Coriolis.Morphing.Tests.Support;

/// <summary>A real sshd on loopback that lets root in with a key of its own.</summary>
internal sealed class SshServer : IDisposable
{
    private readonly TemporaryDirectory _directory;
    private readonly Process _process;
    private readonly int _port;

    private SshServer(TemporaryDirectory directory, Process process, int port)
    {
        _directory = directory;
        _process = process;
        _port = port;
    }

    public static SshServer Start()
    {
        Machine.NeedsRoot();
        Machine.NeedsProgram("sshd");
        var directory = new TemporaryDirectory();
        foreach (var type in (string[])["ed25519", "ecdsa"])
            Machine.Run("ssh-keygen", "-q", "-t", type, "-N", "", "-f", directory.Below($"host_{type}"));
        Machine.Run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", directory.Below("login"));

        // Under a home of its own: what the machine's root runs at each login would only take its time.
        // sshd separates privileges in this directory, which an init script makes elsewhere.
        Directory.CreateDirectory("/run/sshd");
        var port = FreePort();
        directory.Write("sshd_config", $"""
            ListenAddress 127.0.0.1:{port}
            HostKey {directory.Below("host_ed25519")}
            HostKey {directory.Below("host_ecdsa")}
            AuthorizedKeysFile {directory.Below("login.pub")}
            PermitRootLogin prohibit-password
            StrictModes no
            UsePAM no
            PidFile none
            SetEnv HOME={directory.Path}

            """);
        var process = Process.Start(new ProcessStartInfo("/usr/sbin/sshd", ["-D", "-e", "-f", directory.Below("sshd_config")]) { RedirectStandardError = true })!;
        while (process.StandardError.ReadLine() is { } line && !line.StartsWith("Server listening", StringComparison.Ordinal))
        {
        }

        _ = process.StandardError.BaseStream.CopyToAsync(Stream.Null);
        return new(directory, process, port);
    }

    /// <summary>How to reach a directory over the server.</summary>
    /// <param name="guest">The directory.</param>
    /// <param name="hostKeyType">Which of the server's keys is expected.</param>
    public SshGuestOptions Options(string guest, string hostKeyType = "ed25519") => new()
    {
        Host = "127.0.0.1",
        Port = _port,
        PrivateKey = File.ReadAllText(_directory.Below("login")),
        HostKey = File.ReadAllText(_directory.Below($"host_{hostKeyType}.pub")),
        Directory = guest,
    };

    public void Dispose()
    {
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
        _directory.Dispose();
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
