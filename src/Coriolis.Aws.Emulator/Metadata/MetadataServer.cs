using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Coriolis.Aws.Emulator.Metadata;

/// <summary>The listener of one machine's metadata service: http://169.254.169.254 in its network namespace, and nowhere else.</summary>
internal sealed class MetadataServer : IAsyncDisposable
{
    public static readonly IPAddress Address = new([169, 254, 169, 254]);

    private const int Port = 80;

    private readonly WebApplication _application;

    private MetadataServer(WebApplication application) => _application = application;

    /// <summary>Starts to answer in the network of a process, which must have the address already.</summary>
    /// <exception cref="IOException">There is no listening there.</exception>
    public static async Task<MetadataServer> StartAsync(int processId, MetadataService service)
    {
        var endpoint = new IPEndPoint(Address, Port);
        var socket = NamespaceSocket.Bind(processId, endpoint);
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseSockets(sockets => sockets.CreateBoundListenSocket = _ => socket).ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Listen(endpoint, static listen => listen.Protocols = HttpProtocols.Http1);
        });
        var application = builder.Build();
        application.Run(service.HandleAsync);
        try
        {
            await application.StartAsync().ConfigureAwait(false);
            return new MetadataServer(application);
        }
        catch
        {
            socket.Dispose();
            await application.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Stops at once. While it listens, the namespace exists, and with it the interface on the host.</summary>
    public async ValueTask DisposeAsync()
    {
        await _application.StopAsync(new CancellationToken(canceled: true)).ConfigureAwait(false);
        await _application.DisposeAsync().ConfigureAwait(false);
    }
}
