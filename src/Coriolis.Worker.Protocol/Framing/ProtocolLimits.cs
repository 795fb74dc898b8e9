namespace Coriolis.Worker.Protocol;

/// <summary>Sizes that both sides check before they allocate anything.</summary>
internal static class ProtocolLimits
{
    /// <summary>"CWRK" in the order of the bytes on the wire.</summary>
    public const uint Magic = 0x4B525743;

    public const ushort Version = 1;

    /// <summary>The name negotiated in TLS (ALPN); everything else on the port is HTTP/1.1.</summary>
    public const string ApplicationProtocol = "coriolis-worker/1";

    /// <summary>In the SAN of every agent certificate, so that an address which changes does not break the check.</summary>
    public const string AgentHostName = "coriolis-worker";

    public const int DigestSize = 32;

    /// <summary>Requests are small; 64 KiB hold about 4000 ranges.</summary>
    public const int MaxRequestPayload = 64 * 1024;

    /// <summary>One data chunk and its prefix, or the list of devices.</summary>
    public const int MaxResponsePayload = MaxDataChunkSize + 4096;

    /// <summary>The largest chunk whose bytes are sent; EBS volumes read best with requests of 256 KiB to 1 MiB.</summary>
    public const int MaxDataChunkSize = 1024 * 1024;

    /// <summary>The largest chunk of which only the digest is sent.</summary>
    public const int MaxChunkSize = 64 * 1024 * 1024;

    public const int MinChunkSize = 512;

    /// <summary>What a result without data costs of the window, whatever its real size.</summary>
    public const int ResultCost = 64;

    public const int MaxDigestsPerFrame = 256;

    public const int MaxRangesPerScan = 3500;

    public const int MaxStringBytes = 1024;

    public const int MaxDevices = 1024;
}
