using System.Security.Cryptography;

namespace Coriolis.Benchmarks.Workers;

/// <summary>A block device full of bytes that do not shrink: a loop device, without the page cache in between. Needs root.</summary>
internal sealed class BenchmarkDisk : IAsyncDisposable
{
    private readonly string _path;

    private BenchmarkDisk(string path, string device)
    {
        _path = path;
        Device = device;
    }

    public string Device { get; }

    public static async Task<BenchmarkDisk> CreateAsync(string folder, long sizeBytes)
    {
        var path = Path.Combine(folder, "disk.raw");
        var piece = new byte[1024 * 1024];
        await using (var file = File.Create(path))
        {
            for (long done = 0; done < sizeBytes; done += piece.Length)
            {
                RandomNumberGenerator.Fill(piece);
                await file.WriteAsync(piece);
            }

            file.Flush(flushToDisk: true);
        }

        return new BenchmarkDisk(path, (await Tool.RunAsync("losetup", "--find", "--show", "--direct-io=on", path)).Trim());
    }

    public async ValueTask DisposeAsync()
    {
        await Tool.RunAsync("losetup", "--detach", Device);
        File.Delete(_path);
    }
}
