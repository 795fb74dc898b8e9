using System.Buffers.Binary;
using System.Numerics;
using System.Security.Cryptography;
using System.Text;
using Coriolis.Aws.Emulator.Ec2.Protocol;

namespace Coriolis.Aws.Emulator.Ec2.KeyPairs;

/// <summary>A public key in OpenSSH's one-line form: its type and its fingerprint as EC2 shows it.</summary>
internal sealed record PublicKeyText(string KeyType, string Fingerprint)
{
    /// <summary>Reads the line that ImportKeyPair takes.</summary>
    public static PublicKeyText Parse(string text)
    {
        try
        {
            var fields = text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
            var blob = Convert.FromBase64String(fields[1]);
            var position = 0;
            var algorithm = Encoding.ASCII.GetString(ReadField(blob, ref position));
            if (algorithm != fields[0]) throw Invalid();
            return algorithm switch
            {
                // EC2 user guide, "Verify the fingerprint": SHA-256 of the blob for ED25519, MD5 of the DER form for imported RSA keys.
                "ssh-ed25519" => new PublicKeyText("ed25519", Convert.ToBase64String(SHA256.HashData(blob))),
                "ssh-rsa" => new PublicKeyText("rsa", Colons(Md5(ReadRsa(blob, ref position)))),
                _ => throw Invalid(),
            };
        }
        catch (Exception e) when (e is FormatException or IndexOutOfRangeException or ArgumentException or CryptographicException)
        {
            throw Invalid();
        }
    }

    public static string Colons(byte[] digest) => string.Join(':', digest.Select(static octet => octet.ToString("x2", System.Globalization.CultureInfo.InvariantCulture)));

    private static byte[] ReadRsa(byte[] blob, ref int position)
    {
        var exponent = ReadField(blob, ref position).ToArray();
        var modulus = new BigInteger(ReadField(blob, ref position), isUnsigned: true, isBigEndian: true);
        using var rsa = RSA.Create(new RSAParameters { Exponent = exponent, Modulus = modulus.ToByteArray(isUnsigned: true, isBigEndian: true) });
        return rsa.ExportSubjectPublicKeyInfo();
    }

    private static ReadOnlySpan<byte> ReadField(byte[] blob, ref int position)
    {
        var length = BinaryPrimitives.ReadInt32BigEndian(blob.AsSpan(position));
        var field = blob.AsSpan(position + 4, length);
        position += 4 + length;
        return field;
    }

    // The digest that EC2 shows for imported RSA keys; it protects nothing.
#pragma warning disable CA5351 // Do not use broken cryptographic algorithms
    private static byte[] Md5(byte[] data) => MD5.HashData(data);
#pragma warning restore CA5351

    private static Http.AwsErrorException Invalid() => Ec2Errors.Create("InvalidKey.Format", "Key is not in valid OpenSSH public key format");
}
