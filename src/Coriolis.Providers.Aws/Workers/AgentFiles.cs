using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Coriolis.Providers.Aws.Workers;

/// <summary>The programs for workers, one file for each architecture, as they lie on this machine.</summary>
internal static class AgentFiles
{
    public const string Executable = "coriolis-worker";

    private const int ElfHeaderSize = 20;
    private const int ElfMachineOffset = 18;

    // The architectures of EC2, the runtimes of .NET that agents are built for, and the machines in the header of a program.
    private static readonly (string Architecture, string Runtime, ushort Machine)[] s_builds =
    [
        ("x86_64", "linux-x64", 62),
        ("arm64", "linux-arm64", 183),
    ];

    public static bool Exist(AwsSourceOptions options) => Candidates(options).Any(File.Exists);

    /// <summary>Makes sure that there is an agent for some architecture.</summary>
    /// <exception cref="SourceException">There is none.</exception>
    public static void EnsureExist(AwsSourceOptions options)
    {
        if (!Exist(options))
        {
            throw Missing(options, "The agent for workers");
        }
    }

    /// <summary>Finds the agent for a worker.</summary>
    /// <param name="options">Where to look.</param>
    /// <param name="architecture">The worker's architecture as EC2 names it.</param>
    /// <exception cref="SourceException">There is none for this architecture.</exception>
    public static string Find(AwsSourceOptions options, string architecture)
    {
        var build = s_builds.FirstOrDefault(candidate => candidate.Architecture == architecture);
        return Candidates(options).FirstOrDefault(path => File.Exists(path) && MachineOf(path) == build.Machine)
            ?? throw Missing(options, $"The agent for workers of the architecture {architecture}");
    }

    public static async Task<string> DigestAsync(string path, CancellationToken cancellationToken)
    {
        var file = File.OpenRead(path);
        await using var _ = file.ConfigureAwait(false);
        return Convert.ToHexStringLower(await SHA256.HashDataAsync(file, cancellationToken).ConfigureAwait(false));
    }

    private static string FolderOf(AwsSourceOptions options) => options.WorkerAgent ?? Path.Combine(AppContext.BaseDirectory, "agent");

    private static IEnumerable<string> Candidates(AwsSourceOptions options) =>
        s_builds.Select(build => Path.Combine(FolderOf(options), build.Runtime, Executable)).Append(FolderOf(options));

    private static ushort? MachineOf(string path)
    {
        Span<byte> header = stackalloc byte[ElfHeaderSize];
        using var file = File.OpenRead(path);
        return file.ReadAtLeast(header, ElfHeaderSize, throwOnEndOfStream: false) == ElfHeaderSize && header.StartsWith("\u007FELF"u8)
            ? BinaryPrimitives.ReadUInt16LittleEndian(header[ElfMachineOffset..])
            : null;
    }

    private static SourceException Missing(AwsSourceOptions options, string what) => new($"{what} is not at {FolderOf(options)}.")
    {
        ResourceId = FolderOf(options),
        Remedy = $"Set worker_agent to the program {Executable}, or to a folder that has it in {string.Join(" and ", s_builds.Select(build => build.Runtime))}, "
            + "or use the read path direct.",
    };
}
