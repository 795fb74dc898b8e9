using System.Security.Cryptography;
using System.Text;

namespace Coriolis.Aws.Emulator.Kms;

/// <summary>
/// What KMS gives out as encrypted: names its key, and decrypts only with the encryption context that it was made with.
/// The layout is a version, the length of the key's ARN, the ARN, nonce, tag, and the bytes.
/// </summary>
internal static class Ciphertext
{
    private const byte Version = 1;
    private const int NonceSize = 12;
    private const int TagSize = 16;

    public static byte[] Encrypt(string keyArn, byte[] material, ReadOnlySpan<byte> plaintext, IReadOnlyDictionary<string, string> context)
    {
        var arn = Encoding.UTF8.GetBytes(keyArn);
        var blob = new byte[2 + arn.Length + NonceSize + TagSize + plaintext.Length];
        (blob[0], blob[1]) = (Version, checked((byte)arn.Length));
        arn.CopyTo(blob.AsSpan(2));
        var rest = blob.AsSpan(2 + arn.Length);
        RandomNumberGenerator.Fill(rest[..NonceSize]);
        using var aes = new AesGcm(material, TagSize);
        aes.Encrypt(rest[..NonceSize], plaintext, rest[(NonceSize + TagSize)..], rest.Slice(NonceSize, TagSize), AdditionalData(keyArn, context));
        return blob;
    }

    /// <summary>The ARN of the key that a blob was made with; null when it is no blob of ours.</summary>
    public static string? KeyArnOf(ReadOnlySpan<byte> blob) =>
        blob.Length > 2 && blob[0] == Version && blob.Length >= 2 + blob[1] + NonceSize + TagSize ? Encoding.UTF8.GetString(blob.Slice(2, blob[1])) : null;

    /// <summary>The bytes that were encrypted; null when the blob was changed or the context is another.</summary>
    public static byte[]? Decrypt(string keyArn, byte[] material, ReadOnlySpan<byte> blob, IReadOnlyDictionary<string, string> context)
    {
        var rest = blob[(2 + blob[1])..];
        var plaintext = new byte[rest.Length - NonceSize - TagSize];
        using var aes = new AesGcm(material, TagSize);
        try
        {
            aes.Decrypt(rest[..NonceSize], rest[(NonceSize + TagSize)..], rest.Slice(NonceSize, TagSize), plaintext, AdditionalData(keyArn, context));
            return plaintext;
        }
        catch (AuthenticationTagMismatchException)
        {
            return null;
        }
    }

    private static byte[] AdditionalData(string keyArn, IReadOnlyDictionary<string, string> context)
    {
        var text = new StringBuilder(keyArn);
        foreach (var (name, value) in context.OrderBy(static pair => pair.Key, StringComparer.Ordinal))
        {
            text.Append('&').Append(Uri.EscapeDataString(name)).Append('=').Append(Uri.EscapeDataString(value));
        }

        return Encoding.UTF8.GetBytes(text.ToString());
    }
}
