namespace Coriolis.Cli.Tests;

internal static class FileComparison
{
    private const int BufferSize = 1 << 20;

    /// <returns>The offset of the first buffer that differs, or <see langword="null"/> when the files are equal.</returns>
    public static async Task<long?> FindDifferenceAsync(string left, string right)
    {
        using var leftHandle = File.OpenHandle(left, share: FileShare.ReadWrite);
        using var rightHandle = File.OpenHandle(right, share: FileShare.ReadWrite);
        var size = RandomAccess.GetLength(leftHandle);
        if (RandomAccess.GetLength(rightHandle) != size)
        {
            return Math.Min(RandomAccess.GetLength(rightHandle), size);
        }

        var leftBuffer = new byte[BufferSize];
        var rightBuffer = new byte[BufferSize];
        for (long offset = 0; offset < size; offset += BufferSize)
        {
            var leftRead = await RandomAccess.ReadAsync(leftHandle, leftBuffer, offset);
            var rightRead = await RandomAccess.ReadAsync(rightHandle, rightBuffer, offset);
            if (!leftBuffer.AsSpan(0, leftRead).SequenceEqual(rightBuffer.AsSpan(0, rightRead)))
            {
                return offset;
            }
        }

        return null;
    }
}
