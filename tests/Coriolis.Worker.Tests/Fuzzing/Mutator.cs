using System.Buffers.Binary;

namespace Coriolis.Worker.Tests;

/// <summary>Damages bytes at random, the same way for the same seed: bits, bytes, numbers at their limits, and pieces lost, doubled or made up.</summary>
internal sealed class Mutator(int seed)
{
    private static readonly uint[] s_limits = [0, 1, 0x7F, 0xFF, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 64 * 1024, 1024 * 1024 + 4097];

    private readonly Random _random = new(seed);

    public int Next(int limit) => _random.Next(limit);

    public byte[] Mutate(byte[] original)
    {
        var bytes = original.ToList();
        for (var count = _random.Next(1, 4); count > 0 && bytes.Count > 0; count--)
        {
            MutateOnce(bytes);
        }

        return [.. bytes];
    }

    private void MutateOnce(List<byte> bytes)
    {
        var position = _random.Next(bytes.Count);
        var length = Math.Min(_random.Next(1, 64), bytes.Count - position);
        switch (_random.Next(7))
        {
            case 0:
                bytes[position] ^= (byte)(1 << _random.Next(8));
                break;
            case 1:
                bytes[position] = (byte)_random.Next(256);
                break;
            case 2 when bytes.Count - position >= 4:
                var number = new byte[4];
                BinaryPrimitives.WriteUInt32LittleEndian(number, s_limits[_random.Next(s_limits.Length)]);
                bytes.RemoveRange(position, 4);
                bytes.InsertRange(position, number);
                break;
            case 3:
                bytes.RemoveRange(position, bytes.Count - position);
                break;
            case 4:
                bytes.RemoveRange(position, length);
                break;
            case 5:
                bytes.InsertRange(position, bytes.GetRange(position, length));
                break;
            default:
                var noise = new byte[length];
                _random.NextBytes(noise);
                bytes.InsertRange(position, noise);
                break;
        }
    }
}
