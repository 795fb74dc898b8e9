using Coriolis.Worker.Protocol;

namespace Coriolis.Worker;

/// <summary>What <c>run</c> is told. The first nine flags and <c>-disable-chunking</c> are those of the existing replicator.</summary>
internal sealed record RunOptions
{
    private const string CertificateDirectory = "/etc/coriolis-replicator";
    private const int MinChunkSize = AlignedBuffer.PageSize;

    private static readonly string[] s_names =
    [
        "hash-method", "listen-port", "chunk-size", "state-file", "ca-cert", "cert", "key", "listen-address", "devices", "lease-seconds",
    ];

    private static readonly string[] s_switches = ["ignore-mounted-disks", "watch-devices", "disable-chunking", "credentials-stdin"];

    public required ReplicatorOptions Replicator { get; init; }

    public required bool IgnoreMountedDisks { get; init; }

    public required int ListenPort { get; init; }

    public required string? StateFile { get; init; }

    public required string AuthorityCertificate { get; init; }

    public required string Certificate { get; init; }

    public required string Key { get; init; }

    /// <summary>Where to listen; empty for every address.</summary>
    public required string ListenAddress { get; init; }

    /// <summary>The only devices or image files to offer; none for all disks of the machine.</summary>
    public required IReadOnlyList<string> Devices { get; init; }

    /// <summary>How long to live without a controller; zero for ever.</summary>
    public required TimeSpan Lease { get; init; }

    /// <summary>Whether the certificates come on standard input instead of from files.</summary>
    public required bool CredentialsFromStandardInput { get; init; }

    public static RunOptions Parse(ReadOnlySpan<string> arguments)
    {
        var flags = FlagSet.Parse(arguments, s_names, s_switches);
        return new RunOptions
        {
            Replicator = new ReplicatorOptions
            {
                Hash = flags.Text("hash-method", "sha256") switch
                {
                    "sha256" => HashKind.Sha256,
                    "xxhash" => HashKind.XxHash64,
                    var other => throw new UsageException($"-hash-method is {other}, neither sha256 nor xxhash."),
                },
                ChunkSize = ChunkSizeOf(flags),
                WatchDevices = flags.Switch("watch-devices", otherwise: true),
                DisableChunking = flags.Switch("disable-chunking", otherwise: false),
            },
            IgnoreMountedDisks = flags.Switch("ignore-mounted-disks", otherwise: true),
            ListenPort = flags.Number("listen-port", 4433, 0, ushort.MaxValue),
            StateFile = flags.Text("state-file", "") is { Length: > 0 } path ? path : null,
            AuthorityCertificate = flags.Text("ca-cert", $"{CertificateDirectory}/ca-cert.pem"),
            Certificate = flags.Text("cert", $"{CertificateDirectory}/srv-cert.pem"),
            Key = flags.Text("key", $"{CertificateDirectory}/srv-key.pem"),
            ListenAddress = flags.Text("listen-address", ""),
            Devices = flags.Text("devices", "").Split(',', StringSplitOptions.RemoveEmptyEntries),
            Lease = TimeSpan.FromSeconds(flags.Number("lease-seconds", 0, 0, 24 * 60 * 60)),
            CredentialsFromStandardInput = flags.Switch("credentials-stdin", otherwise: false),
        };
    }

    private static int ChunkSizeOf(FlagSet flags)
    {
        var size = flags.Number("chunk-size", 10 * 1024 * 1024, MinChunkSize, ProtocolLimits.MaxChunkSize);
        return size % MinChunkSize == 0 ? size : throw new UsageException($"-chunk-size is {size}, not a multiple of {MinChunkSize}.");
    }
}
