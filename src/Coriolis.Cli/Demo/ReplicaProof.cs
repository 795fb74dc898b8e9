using System.Buffers;
using System.Security.Cryptography;

namespace Coriolis.Cli;

/// <summary>Compares a volume of the emulator with its replica byte by byte, without the code that made the replica.</summary>
internal static class ReplicaProof
{
    private const int BufferSize = 1 << 20;

    /// <returns>The SHA-256 of both files when they are equal, otherwise <see langword="null"/>.</returns>
    public static async Task<string?> CompareAsync(string volume, string replica, CancellationToken cancellationToken)
    {
        using var left = File.OpenHandle(volume, share: FileShare.ReadWrite);
        using var right = File.OpenHandle(replica, share: FileShare.ReadWrite);
        var size = RandomAccess.GetLength(left);
        if (RandomAccess.GetLength(right) != size)
        {
            return null;
        }

        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var leftBuffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        var rightBuffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            for (long offset = 0; offset < size;)
            {
                var read = await RandomAccess.ReadAsync(left, leftBuffer.AsMemory(0, BufferSize), offset, cancellationToken).ConfigureAwait(false);
                for (var done = 0; done < read;)
                {
                    var rest = rightBuffer.AsMemory(done, read - done);
                    var more = await RandomAccess.ReadAsync(right, rest, offset + done, cancellationToken).ConfigureAwait(false);
                    if (more == 0)
                    {
                        return null;
                    }

                    done += more;
                }

                if (read == 0 || !leftBuffer.AsSpan(0, read).SequenceEqual(rightBuffer.AsSpan(0, read)))
                {
                    return null;
                }

                hash.AppendData(leftBuffer, 0, read);
                offset += read;
            }

            return Convert.ToHexStringLower(hash.GetHashAndReset());
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(leftBuffer);
            ArrayPool<byte>.Shared.Return(rightBuffer);
        }
    }
}
