using System.Text;

namespace Coriolis.Morphing.Processes;

/// <summary>What a program prints, read to its end but kept only up to a bound.</summary>
internal static class BoundedOutput
{
    // Enough for the longest package list; a program that prints without end must not fill the memory.
    private const int MaxTextBytes = 1024 * 1024;

    public static async Task<string> ReadTextAsync(Stream stream)
    {
        var kept = await ReadAsync(stream, MaxTextBytes).ConfigureAwait(false);
        return Encoding.UTF8.GetString(kept.Span);
    }

    public static async Task<ReadOnlyMemory<byte>> ReadAsync(Stream stream, int maxBytes)
    {
        var kept = new MemoryStream();
        var buffer = new byte[16 * 1024];
        while (await stream.ReadAsync(buffer).ConfigureAwait(false) is > 0 and var count)
            kept.Write(buffer, 0, Math.Min(count, maxBytes - (int)kept.Length));
        return kept.GetBuffer().AsMemory(0, (int)kept.Length);
    }
}
