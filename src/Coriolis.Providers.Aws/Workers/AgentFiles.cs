using System.Security.Cryptography;

namespace Coriolis.Providers.Aws.Workers;

/// <summary>The program for workers, as it lies on this machine.</summary>
internal sealed class AgentFiles
{
    public const string Executable = "coriolis-worker";

    private AgentFiles(IReadOnlyList<string> paths) => Paths = paths;

    /// <summary>Everything to upload, without folders.</summary>
    public IReadOnlyList<string> Paths { get; }

    public static bool Exist(AwsSourceOptions options) =>
        Path.GetFileName(PathOf(options)) == Executable ? File.Exists(PathOf(options)) : File.Exists(Path.Combine(PathOf(options), Executable));

    public static AgentFiles Find(AwsSourceOptions options)
    {
        var path = PathOf(options);
        if (File.Exists(path) && Path.GetFileName(path) == Executable)
        {
            return new AgentFiles([path]);
        }

        return File.Exists(Path.Combine(path, Executable))
            ? new AgentFiles([.. Directory.GetFiles(path).Where(static file => Path.GetExtension(file) is not (".pdb" or ".xml"))])
            : throw new SourceException($"The agent for workers is not at {path}.")
            {
                ResourceId = path,
                Remedy = $"Set worker_agent to the file {Executable} or to the folder that has it, or use the read path direct.",
            };
    }

    private static string PathOf(AwsSourceOptions options) => options.WorkerAgent ?? Path.Combine(AppContext.BaseDirectory, "agent");

    public static async Task<string> DigestAsync(string path, CancellationToken cancellationToken)
    {
        var file = File.OpenRead(path);
        await using var _ = file.ConfigureAwait(false);
        return Convert.ToHexStringLower(await SHA256.HashDataAsync(file, cancellationToken).ConfigureAwait(false));
    }
}
