using Coriolis.Providers.Aws.Throttling;

namespace Coriolis.Providers.Aws.Ebs;

/// <summary>How an <see cref="EbsClient"/> behaves when the service is slow, busy or wrong.</summary>
internal sealed record EbsClientOptions
{
    /// <summary>How long a call that keeps failing is retried, counted from its first failure.</summary>
    public TimeSpan RetryBudget { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>The first retry delay; doubled, with jitter, for each further one.</summary>
    public TimeSpan RetryDelay { get; init; } = TimeSpan.FromMilliseconds(200);

    public TimeSpan MaxRetryDelay { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>The longest that one request may take, from sending it to its last byte.</summary>
    public TimeSpan AttemptTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>The longest time without a byte before the connection is given up.</summary>
    public TimeSpan StallTimeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>How often a block is requested whose bytes do not match their checksum.</summary>
    public int IntegrityAttempts { get; init; } = 4;

    /// <summary>How long a snapshot that was just made may be reported as missing (eventual consistency).</summary>
    public TimeSpan NotFoundGrace { get; init; } = TimeSpan.FromSeconds(120);

    /// <summary>Connections to the endpoint when the client configuration does not limit them.</summary>
    public int MaxConnections { get; init; } = 64;

    /// <summary>Connections are replaced after this long, so that changes in DNS are followed.</summary>
    public TimeSpan ConnectionLifetime { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>The client-side limits.</summary>
    public EbsRates Rates { get; init; } = new();
}
