using System.Net;

namespace Coriolis.Providers.Aws.Ebs;

/// <summary>Makes the HTTP client from the AWS client configuration.</summary>
internal static class EbsHttp
{
    private static readonly TimeSpan s_connectTimeout = TimeSpan.FromSeconds(10);

    // AWS closes idle connections after about a minute; closing them first avoids sending into a dying one.
    private static readonly TimeSpan s_idleTimeout = TimeSpan.FromSeconds(45);

    public static HttpClient CreateClient(EbsClientConfig config, EbsClientOptions options)
    {
        // The host's own factory knows about private certificate authorities and the like, as with every AWS client.
        var http = config.HttpClientFactory?.CreateHttpClient(config) ?? new HttpClient(CreateHandler(config, options));
        http.Timeout = Timeout.InfiniteTimeSpan;
        return http;
    }

    private static SocketsHttpHandler CreateHandler(EbsClientConfig config, EbsClientOptions options)
    {
        var handler = new SocketsHttpHandler
        {
            MaxConnectionsPerServer = config.MaxConnectionsPerServer ?? options.MaxConnections,
            PooledConnectionLifetime = options.ConnectionLifetime,
            PooledConnectionIdleTimeout = s_idleTimeout,
            ConnectTimeout = config.ConnectTimeout ?? s_connectTimeout,
            AutomaticDecompression = DecompressionMethods.None,
            AllowAutoRedirect = false,
            UseCookies = false,
        };
        if (config.GetWebProxy() is { } proxy)
        {
            handler.Proxy = proxy;
        }

        return handler;
    }
}
