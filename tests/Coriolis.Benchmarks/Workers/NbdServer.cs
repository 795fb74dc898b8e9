using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Coriolis.Worker.Protocol;

namespace Coriolis.Benchmarks.Workers;

/// <summary>nbdkit serving the device over mutual TLS, and nbdcopy fetching it.</summary>
internal sealed class NbdServer : IDisposable
{
    private readonly Tool _server;
    private readonly string _folder;
    private readonly int _port;

    private NbdServer(Tool server, string folder, int port)
    {
        _server = server;
        _folder = folder;
        _port = port;
    }

    public static async Task<NbdServer> StartAsync(string folder, string device, WorkerCertificates certificates)
    {
        var own = Directory.CreateDirectory(Path.Combine(folder, "nbd")).FullName;
        await File.WriteAllTextAsync(Path.Combine(own, "ca-cert.pem"), certificates.AuthorityCertificate);
        await File.WriteAllTextAsync(Path.Combine(own, "server-cert.pem"), certificates.AgentCertificate);
        await File.WriteAllTextAsync(Path.Combine(own, "server-key.pem"), certificates.AgentKey);
        await File.WriteAllTextAsync(Path.Combine(own, "client-cert.pem"), certificates.ClientCertificate);
        await File.WriteAllTextAsync(Path.Combine(own, "client-key.pem"), certificates.ClientKey);
        var port = FreePort();
        var server = Tool.Start(
            "nbdkit", "--foreground", "--readonly", "--ipaddr=127.0.0.1", $"--port={port}", "--tls=require", "--tls-verify-peer",
            $"--tls-certificates={own}", "file", device, "cache=none");
        await WaitAsync(port);
        return new NbdServer(server, own, port);
    }

    public Task<(double Wall, double Cpu)> CopyAsync(string target) => Tool.MeasureAsync(
        "nbdcopy", "--flush", $"nbds://127.0.0.1:{_port.ToString(CultureInfo.InvariantCulture)}/?tls-certificates={_folder}", target);

    public void Dispose() => _server.Dispose();

    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    public static async Task WaitAsync(int port)
    {
        while (true)
        {
            try
            {
                using var client = new TcpClient();
                await client.ConnectAsync(IPAddress.Loopback, port);
                return;
            }
            catch (SocketException)
            {
                await Task.Delay(20);
            }
        }
    }
}
