using System.Security.Cryptography;

namespace Coriolis.Worker.Tests;

/// <summary>A disk image in a file of its own, made of chunks that are zero or random.</summary>
internal sealed class ImageFile : IDisposable
{
    public const int ChunkSize = 64 * 1024;

    private readonly string _directory = Directory.CreateTempSubdirectory("coriolis-worker-").FullName;

    /// <summary>Creates an image; <c>0</c> in the layout is a chunk of zeros, anything else one of random bytes.</summary>
    public ImageFile(string layout, int seed = 1, int tail = 0)
    {
        Path = System.IO.Path.Combine(_directory, "disk.raw");
        Content = new byte[(layout.Length * ChunkSize) + tail];
        var random = new Random(seed);
        for (var i = 0; i < layout.Length; i++)
        {
            if (layout[i] != '0')
            {
                random.NextBytes(Content.AsSpan(i * ChunkSize, ChunkSize));
            }
        }

        random.NextBytes(Content.AsSpan(layout.Length * ChunkSize));
        File.WriteAllBytes(Path, Content);
    }

    public ImageFile(byte[] content)
    {
        Path = System.IO.Path.Combine(_directory, "disk.raw");
        Content = content;
        File.WriteAllBytes(Path, content);
    }

    public string Path { get; }

    public byte[] Content { get; }

    public string DirectoryPath => _directory;

    public byte[] ChunkAt(int index) => Content.AsSpan(index * ChunkSize, Math.Min(ChunkSize, Content.Length - (index * ChunkSize))).ToArray();

    public byte[] DigestAt(int index) => SHA256.HashData(ChunkAt(index));

    public void Dispose() => Directory.Delete(_directory, recursive: true);
}
