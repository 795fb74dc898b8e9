using System.Security.Cryptography;

namespace Coriolis.Worker;

/// <summary>The command line of the agent: that of the existing replicator, and a few flags more.</summary>
internal static class Program
{
    private const string Usage = """
        coriolis-worker run [-name=value]...
            the existing replicator's flags:
            -hash-method=sha256|xxhash  -chunk-size=BYTES  -state-file=PATH  -listen-port=N  -ignore-mounted-disks=true|false
            -watch-devices=true|false  -disable-chunking  -ca-cert=PATH  -cert=PATH  -key=PATH
            and:
            -listen-address=IP  -devices=PATH,PATH  -credentials-stdin  -lease-seconds=N
        coriolis-worker gen-certs -output-dir DIR -certificate-hosts HOST,HOST
        coriolis-worker version
        """;

    public static async Task<int> Main(string[] arguments)
    {
        try
        {
            switch (arguments)
            {
                case ["run", .. var flags]:
                    ForgetSystemAuthorities();
                    return await RunCommand.RunAsync(RunOptions.Parse(flags), Console.In, Console.Out, Console.Error).ConfigureAwait(false);
                case ["gen-certs", .. var flags]:
                    return await GenCertsCommand.RunAsync(flags, TimeProvider.System, CancellationToken.None).ConfigureAwait(false);
                case ["version"]:
                    await Console.Out.WriteLineAsync(Agent.Version).ConfigureAwait(false);
                    return 0;
                default:
                    await Console.Error.WriteLineAsync(Usage).ConfigureAwait(false);
                    return 2;
            }
        }
        catch (UsageException exception)
        {
            await Console.Error.WriteLineAsync($"{exception.Message}\n{Usage}").ConfigureAwait(false);
            return 2;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or CryptographicException
            or System.Net.Sockets.SocketException or FormatException)
        {
            await Console.Error.WriteLineAsync(exception.Message).ConfigureAwait(false);
            return 1;
        }
    }

    /// <summary>
    /// The agent trusts one authority, its run's. The class library would read all of the system's, more than a hundred files, before it listens, to
    /// no avail: see SSL_CTX_set_default_verify_paths(3).
    /// </summary>
    private static void ForgetSystemAuthorities()
    {
        foreach (var variable in (ReadOnlySpan<string>)["SSL_CERT_DIR", "SSL_CERT_FILE"])
        {
            Libc.SetEnvironmentVariable(variable, "/nonexistent");
        }
    }
}
