using System.Globalization;

namespace Coriolis.Benchmarks.Workers;

/// <summary>OpenSSH on loopback with keys of its own, and rsync fetching the device over it.</summary>
internal sealed class SshServer : IDisposable
{
    private readonly Tool _server;
    private readonly string _key;
    private readonly int _port;

    private SshServer(Tool server, string key, int port)
    {
        _server = server;
        _key = key;
        _port = port;
    }

    public static async Task<SshServer> StartAsync(string folder)
    {
        var own = Directory.CreateDirectory(Path.Combine(folder, "ssh")).FullName;
        var (host, login) = (Path.Combine(own, "host"), Path.Combine(own, "login"));
        await Tool.RunAsync("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", host);
        await Tool.RunAsync("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", login);
        Directory.CreateDirectory("/run/sshd");
        var port = NbdServer.FreePort();
        var server = Tool.Start(
            "/usr/sbin/sshd", "-D", "-f", "/dev/null", "-h", host, "-o", "ListenAddress=127.0.0.1", "-o", $"Port={port}",
            "-o", $"AuthorizedKeysFile={login}.pub", "-o", "StrictModes=no", "-o", "PermitRootLogin=prohibit-password", "-o", "PidFile=none");
        await NbdServer.WaitAsync(port);
        return new SshServer(server, login, port);
    }

    public Task<(double Wall, double Cpu)> CopyAsync(string device, string target) => Tool.MeasureAsync(
        "rsync",
        "--copy-devices",
        "--fsync",
        "-e",
        $"ssh -F /dev/null -p {_port.ToString(CultureInfo.InvariantCulture)} -i {_key} -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR",
        $"root@127.0.0.1:{device}",
        target);

    public void Dispose() => _server.Dispose();
}
