using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Coriolis.Worker.Protocol;

namespace Coriolis.Worker;

/// <summary>
/// Accepts connections, authenticates them and gives each to the protocol that its client asked for in TLS: ours by name, HTTP/1.1 otherwise.
/// </summary>
internal sealed class AgentServer(Agent agent, ReplicatorApi api, AgentCredentials credentials, TextWriter log) : IDisposable
{
    private const int MaxConnections = 64;
    private const int Backlog = 128;

    private static readonly TimeSpan s_handshakeTimeout = TimeSpan.FromSeconds(15);

    private static readonly TimeSpan s_acceptPause = TimeSpan.FromMilliseconds(100);

    private readonly SemaphoreSlim _free = new(MaxConnections, MaxConnections);
    private readonly SslApplicationProtocol _ours = new(ProtocolLimits.ApplicationProtocol);
    private Socket? _listener;

    /// <summary>Begins to listen, on every address when none is given; returns the port.</summary>
    public int Listen(IPAddress? address, int port)
    {
        var any = Socket.OSSupportsIPv6 ? IPAddress.IPv6Any : IPAddress.Any;
        var endpoint = new IPEndPoint(address ?? any, port);
        _listener = new Socket(endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        if (address is null && any.AddressFamily == AddressFamily.InterNetworkV6)
        {
            _listener.DualMode = true;
        }

        _listener.Bind(endpoint);
        _listener.Listen(Backlog);
        return ((IPEndPoint)_listener.LocalEndPoint!).Port;
    }

    /// <summary>Serves until the token is cancelled, then waits for the connections to end.</summary>
    public async Task ServeAsync(CancellationToken cancellationToken)
    {
        var connections = new HashSet<Task>();
        try
        {
            while (true)
            {
                await _free.WaitAsync(cancellationToken).ConfigureAwait(false);
                var socket = await AcceptAsync(cancellationToken).ConfigureAwait(false);
                connections.RemoveWhere(connection => connection.IsCompleted);
                connections.Add(ServeOneAsync(socket, cancellationToken));
            }
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAll(connections).ConfigureAwait(false);
        }
    }

    public void Dispose()
    {
        _listener?.Dispose();
        _free.Dispose();
    }

    /// <summary>A caller that is gone before it was greeted, or a shortage of descriptors, must not end the agent.</summary>
    private async Task<Socket> AcceptAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                return await _listener!.AcceptAsync(cancellationToken).ConfigureAwait(false);
            }
            catch (SocketException exception)
            {
                await log.WriteLineAsync($"A connection could not be accepted: {exception.Message}").ConfigureAwait(false);
                await Task.Delay(s_acceptPause, agent.TimeProvider, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private async Task ServeOneAsync(Socket socket, CancellationToken cancellationToken)
    {
        EndPoint? peer = null;
        try
        {
            peer = socket.RemoteEndPoint;
            socket.NoDelay = true;
            var transport = new NetworkStream(socket, ownsSocket: true);
            var tls = new SslStream(new TransportBuffer(transport, TransportBuffer.RequestSize, TransportBuffer.DataSize));
            await using var _ = tls.ConfigureAwait(false);
            await AuthenticateAsync(tls, cancellationToken).ConfigureAwait(false);
            if (tls.NegotiatedApplicationProtocol == _ours)
            {
                var frames = new FrameStream(tls, ProtocolLimits.MaxRequestPayload);
                await using var __ = frames.ConfigureAwait(false);
                await new Session(frames, agent).RunAsync(cancellationToken).ConfigureAwait(false);
            }
            else
            {
                await new HttpSession(tls, api, agent).RunAsync(cancellationToken).ConfigureAwait(false);
            }
        }
        catch (Exception exception) when (exception is IOException or AuthenticationException or SocketException or OperationCanceledException
            or HttpFaultException)
        {
            if (!cancellationToken.IsCancellationRequested)
            {
                await log.WriteLineAsync($"{peer}: {exception.Message}").ConfigureAwait(false);
            }
        }
        finally
        {
            _free.Release();
        }
    }

    private async Task AuthenticateAsync(SslStream tls, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(s_handshakeTimeout, agent.TimeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        await tls.AuthenticateAsServerAsync(
            new SslServerAuthenticationOptions
            {
                ServerCertificateContext = credentials.Context,
                ClientCertificateRequired = true,
                EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
                ApplicationProtocols = [_ours, SslApplicationProtocol.Http11],
                CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
                RemoteCertificateValidationCallback = (_, certificate, _, errors) =>
                    PinnedAuthority.Accepts(credentials.Authority, certificate, errors),
            },
            either.Token).ConfigureAwait(false);
    }
}
