using Coriolis.Worker.Protocol;

namespace Coriolis.Worker;

/// <summary>Makes certificates under the names that the existing client looks for. The key of the authority is not kept.</summary>
internal static class GenCertsCommand
{
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode Public = Private | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    // The existing client keeps the certificates of a worker for as long as the worker lives.
    private static readonly TimeSpan s_validity = TimeSpan.FromDays(3650);

    public static async Task<int> RunAsync(ReadOnlyMemory<string> arguments, TimeProvider timeProvider, CancellationToken cancellationToken)
    {
        var flags = FlagSet.Parse(arguments.Span, ["output-dir", "certificate-hosts"], []);
        var directory = flags.Text("output-dir", ".");
        var hosts = flags.Text("certificate-hosts", "127.0.0.1").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var certificates = WorkerCertificates.Create(hosts, s_validity, timeProvider);
        Directory.CreateDirectory(directory);
        (string Name, string Text, UnixFileMode Mode)[] files =
        [
            ("ca-cert.pem", certificates.AuthorityCertificate, Public),
            ("srv-cert.pem", certificates.AgentCertificate, Public),
            ("srv-key.pem", certificates.AgentKey, Private),
            ("client-cert.pem", certificates.ClientCertificate, Public),
            ("client-key.pem", certificates.ClientKey, Private),
        ];
        foreach (var (name, text, mode) in files)
        {
            var path = Path.Combine(directory, name);
            File.Delete(path);
            var file = new FileStream(path, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = mode });
            await using var _ = file.ConfigureAwait(false);
            await file.WriteAsync(System.Text.Encoding.ASCII.GetBytes(text + "\n"), cancellationToken).ConfigureAwait(false);
        }

        return 0;
    }
}
