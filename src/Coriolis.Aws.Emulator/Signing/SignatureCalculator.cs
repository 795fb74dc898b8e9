using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;

namespace Coriolis.Aws.Emulator.Signing;

/// <summary>Computes Signature Version 4 values; keeps the derived keys, which change once a day.</summary>
internal sealed class SignatureCalculator
{
    // A derived key is used for thousands of block reads; a flood of scopes must not grow the cache without bound.
    private const int MaxCachedKeys = 256;

    private readonly ConcurrentDictionary<(string Secret, string Scope), byte[]> _keys = new();

    public string Calculate(IncomingRequest request, SignedRequest signature, string secretAccessKey)
    {
        var stringToSign = StringToSign(CanonicalRequest.Build(request, signature), signature);
        return Convert.ToHexStringLower(HMACSHA256.HashData(SigningKey(signature, secretAccessKey), Encoding.UTF8.GetBytes(stringToSign)));
    }

    public static string StringToSign(string canonicalRequest, SignedRequest signature) =>
        $"{SignedRequest.Algorithm}\n{signature.Timestamp}\n{signature.Scope}\n"
            + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(canonicalRequest)));

    private byte[] SigningKey(SignedRequest signature, string secretAccessKey)
    {
        if (_keys.Count >= MaxCachedKeys) _keys.Clear();
        return _keys.GetOrAdd((secretAccessKey, signature.Scope), static (_, inputs) =>
        {
            var key = Encoding.UTF8.GetBytes("AWS4" + inputs.secretAccessKey);
            foreach (var part in new[] { inputs.signature.Day, inputs.signature.Region, inputs.signature.Service, "aws4_request" })
            {
                key = HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(part));
            }

            return key;
        }, (signature, secretAccessKey));
    }
}
