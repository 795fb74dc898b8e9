using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Coriolis.Aws.Emulator.State;

/// <summary>Makes ids that look like AWS's and are the same in every run with the same seed and calls.</summary>
internal static class IdSource
{
    /// <summary>An id such as <c>vol-0123456789abcdef0</c>: 17 hexadecimal digits, the first of them zero.</summary>
    public static string Create(string prefix, int seed, string region, long sequence)
    {
        var digest = Digest(seed, region, prefix, sequence);
        return $"{prefix}-0{Convert.ToHexStringLower(digest, 0, 8)}";
    }

    /// <summary>The bytes behind an id, for what else must be unique and repeatable (MAC addresses).</summary>
    public static byte[] Digest(int seed, string region, string purpose, long sequence) => SHA256.HashData(
        Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{seed}/{region}/{purpose}/{sequence}")));
}
