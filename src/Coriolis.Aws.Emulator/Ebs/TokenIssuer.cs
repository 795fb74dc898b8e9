using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Coriolis.Aws.Emulator.Ebs;

/// <summary>
/// Makes and checks block and page tokens. A token is its expiry, a nonce and a code over these, the block index and the scope (kind, region,
/// snapshots), so one that belongs to anything else is recognized without keeping any.
/// </summary>
internal sealed class TokenIssuer(int seed, TimeProvider timeProvider)
{
    /// <summary>EBS direct APIs FAQ: block tokens are valid for seven days.</summary>
    public static readonly TimeSpan BlockTokenLifetime = TimeSpan.FromDays(7);

    /// <summary>EBS direct APIs FAQ: next tokens are valid for 60 minutes.</summary>
    public static readonly TimeSpan PageTokenLifetime = TimeSpan.FromMinutes(60);

    private const int IndexSize = 4;
    private const int ExpirySize = 8;
    private const int NonceSize = 8;
    private const int CodeSize = 16;

    private readonly byte[] _secret = SHA256.HashData(Encoding.UTF8.GetBytes($"ebs-tokens/{seed}"));

    public TokenScope BlockScope(string region, string snapshotId) => CreateScope($"block/{region}/{snapshotId}", BlockTokenLifetime);

    public TokenScope PageScope(string region, string? firstSnapshotId, string snapshotId) =>
        CreateScope($"page/{region}/{firstSnapshotId}/{snapshotId}", PageTokenLifetime);

    private TokenScope CreateScope(string name, TimeSpan lifetime) =>
        new(HMACSHA256.HashData(_secret, Encoding.UTF8.GetBytes(name)), timeProvider.GetUtcNow(), lifetime);

    /// <summary>The tokens of one kind for one snapshot (or pair), at one time.</summary>
    internal sealed class TokenScope(byte[] key, DateTimeOffset now, TimeSpan lifetime)
    {
        // Listing again gives other tokens for the same blocks, as at AWS: nobody may take one for a block's identity.
        private readonly long _nonce = BinaryPrimitives.ReadInt64LittleEndian(RandomNumberGenerator.GetBytes(NonceSize));

        public DateTimeOffset ExpiresAt => now + lifetime;

        /// <summary>Writes the token for a block; a page token carries the index itself.</summary>
        public string Issue(int index)
        {
            Span<byte> token = stackalloc byte[IndexSize + ExpirySize + NonceSize + CodeSize];
            BinaryPrimitives.WriteInt32LittleEndian(token, index);
            BinaryPrimitives.WriteInt64LittleEndian(token[IndexSize..], ExpiresAt.ToUnixTimeMilliseconds());
            BinaryPrimitives.WriteInt64LittleEndian(token[(IndexSize + ExpirySize)..], _nonce);
            Sign(token[..^CodeSize], token[^CodeSize..]);
            return Convert.ToBase64String(token);
        }

        /// <summary>Returns the index that the token was made for, or null when it is not one of this scope or has expired.</summary>
        public int? Verify(string? text)
        {
            Span<byte> token = stackalloc byte[IndexSize + ExpirySize + NonceSize + CodeSize];
            if (text is null || !Convert.TryFromBase64String(text, token, out var length) || length != token.Length)
            {
                return null;
            }

            Span<byte> expected = stackalloc byte[CodeSize];
            Sign(token[..^CodeSize], expected);
            return CryptographicOperations.FixedTimeEquals(expected, token[^CodeSize..])
                && now.ToUnixTimeMilliseconds() < BinaryPrimitives.ReadInt64LittleEndian(token[IndexSize..])
                ? BinaryPrimitives.ReadInt32LittleEndian(token)
                : null;
        }

        private void Sign(ReadOnlySpan<byte> content, Span<byte> code)
        {
            Span<byte> full = stackalloc byte[HMACSHA256.HashSizeInBytes];
            HMACSHA256.HashData(key, content, full);
            full[..CodeSize].CopyTo(code);
        }
    }
}
