using System.Net.Sockets;

namespace Coriolis.Providers.Aws;

/// <summary>
/// Remembers whether an endpoint has ever answered. A name that does not resolve and a port that nobody listens on are an
/// outage where calls have worked before; where none has, they are a typing error, which nobody wants to wait minutes for.
/// </summary>
/// <remarks>Thread safety: members may be called concurrently.</remarks>
internal sealed class FirstContact
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);

    private volatile bool _made;

    /// <summary>The endpoint answered, whatever it said.</summary>
    public void Made() => _made = true;

    /// <summary>How long a call that failed may be tried again.</summary>
    public TimeSpan Limit(Exception error, TimeSpan budget) =>
        _made || budget < s_patience || !IsAboutConnecting(error) ? budget : s_patience;

    private static bool IsAboutConnecting(Exception? error)
    {
        for (; error is not null; error = error.InnerException)
        {
            if (error is SocketException { SocketErrorCode: not (SocketError.ConnectionReset or SocketError.ConnectionAborted) }
                or HttpRequestException
                {
                    HttpRequestError: HttpRequestError.NameResolutionError or HttpRequestError.ConnectionError
                        or HttpRequestError.SecureConnectionError or HttpRequestError.ProxyTunnelError,
                })
            {
                return true;
            }
        }

        return false;
    }
}
