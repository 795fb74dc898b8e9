using System.Security.Cryptography;
using System.Text.Json;
using Coriolis.Aws.Emulator.Http;

namespace Coriolis.Aws.Emulator.Kms;

internal sealed partial class KmsService
{
    // Encrypt: at most 4,096 bytes under a symmetric key.
    private const int MaxPlaintextBytes = 4096;

    private Action<Utf8JsonWriter> Encrypt(ServiceCall call, JsonRequest request)
    {
        var key = RequireUsableKey(call, request);
        var plaintext = request.Bytes("Plaintext") ?? throw KmsErrors.Invalid("Plaintext must be given.");
        if (plaintext.Length is 0 or > MaxPlaintextBytes) throw KmsErrors.Invalid($"Plaintext must have 1 to {MaxPlaintextBytes} bytes.");
        EndDryRun(request);
        return json =>
        {
            WriteCiphertext(json, request, key, plaintext);
            json.WriteString("EncryptionAlgorithm", EncryptionKey.Symmetric);
        };
    }

    private Action<Utf8JsonWriter> GenerateDataKey(ServiceCall call, JsonRequest request, bool withPlaintext)
    {
        var key = RequireUsableKey(call, request);
        var size = (request.Text("KeySpec"), request.Integer("NumberOfBytes")) switch
        {
            ("AES_256", null) => 32,
            ("AES_128", null) => 16,
            (null, >= 1 and <= 1024 and var bytes) => (int)bytes,
            _ => throw KmsErrors.Invalid("Please specify either number of bytes or key spec."),
        };
        EndDryRun(request);
        var plaintext = RandomNumberGenerator.GetBytes(size);
        return json =>
        {
            WriteCiphertext(json, request, key, plaintext);
            if (withPlaintext) json.WriteBase64String("Plaintext", plaintext);
        };
    }

    private Action<Utf8JsonWriter> Decrypt(ServiceCall call, JsonRequest request)
    {
        var blob = request.Bytes("CiphertextBlob") ?? throw KmsErrors.Invalid("CiphertextBlob must be given.");
        // A symmetric ciphertext names its key; naming it in the request is a check.
        var arn = Ciphertext.KeyArnOf(blob) ?? throw InvalidCiphertext();
        var key = rings.Find(call.Region, arn) ?? throw InvalidCiphertext();
        CheckUsable(Authorize(call, request, key));
        if (request.Text("KeyId") is { } name && rings.Find(call.Region, name)?.Arn != key.Arn)
        {
            throw KmsErrors.Create("IncorrectKeyException", "The key ID in the request does not identify a CMK that can perform this operation.");
        }

        var plaintext = Ciphertext.Decrypt(key.Arn, rings.MaterialOf(key), blob, request.Map("EncryptionContext")) ?? throw InvalidCiphertext();
        EndDryRun(request);
        return json =>
        {
            json.WriteString("KeyId", key.Arn);
            json.WriteBase64String("Plaintext", plaintext);
            json.WriteString("EncryptionAlgorithm", EncryptionKey.Symmetric);
        };
    }

    private void WriteCiphertext(Utf8JsonWriter json, JsonRequest request, EncryptionKey key, byte[] plaintext)
    {
        json.WriteString("KeyId", key.Arn);
        json.WriteBase64String("CiphertextBlob", Ciphertext.Encrypt(key.Arn, rings.MaterialOf(key), plaintext, request.Map("EncryptionContext")));
    }

    private EncryptionKey RequireUsableKey(ServiceCall call, JsonRequest request)
    {
        var key = RequireKey(call, request);
        CheckUsable(key);
        return key;
    }

    private static void CheckUsable(EncryptionKey key)
    {
        if (key.State != EncryptionKey.Enabled) throw KmsErrors.InvalidState(key);
        if (key.KeySpec != EncryptionKey.Symmetric)
        {
            throw KmsErrors.Create("InvalidKeyUsageException", $"{key.Arn} key usage or spec is not valid for {key.KeySpec}.");
        }
    }

    private static AwsErrorException InvalidCiphertext() => KmsErrors.Create("InvalidCiphertextException", "The ciphertext is not valid for this key and context.");
}
