using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Coriolis.Aws.Emulator.Ec2.Protocol;
using Coriolis.Aws.Emulator.State;

namespace Coriolis.Aws.Emulator.Ec2.KeyPairs;

/// <summary>Imports, creates, lists and deletes key pairs.</summary>
internal static class KeyPairOperations
{
    private const int RsaBits = 2048;

    private static readonly FilterTable<KeyPairRecord> s_filters = new FilterTable<KeyPairRecord>
    {
        { "fingerprint", static pair => pair.Fingerprint },
        { "key-name", static pair => pair.Name },
        { "key-pair-id", static pair => pair.Id },
        { "key-type", static pair => pair.KeyType },
    }.WithTags(static pair => pair.Tags);

    public static void Import(Ec2Call call)
    {
        var material = call.Parameters.Required("PublicKeyMaterial");
        string text;
        try
        {
            text = Encoding.UTF8.GetString(Convert.FromBase64String(material)).Trim();
        }
        catch (FormatException)
        {
            throw Ec2Errors.Create("InvalidKey.Format", "The public key material is not Base64");
        }

        var key = PublicKeyText.Parse(text);
        var pair = Add(call, key.KeyType, key.Fingerprint, text);
        Write(call.Response, pair);
    }

    public static void Create(Ec2Call call)
    {
        if (call.Parameters.Text("KeyFormat") is { } format && format != "pem") throw Ec2Errors.InvalidValue($"The emulator writes private keys as pem, not as {format}.");
        if (call.Parameters.Text("KeyType") is { } type && type != "rsa")
        {
            throw Ec2Errors.InvalidValue($"The emulator creates rsa keys only, not {type}; import keys of other types.");
        }

        using var rsa = RSA.Create(RsaBits);
        // EC2 user guide, "Verify the fingerprint": SHA-1 of the private key's PKCS#8 form for keys that EC2 created.
#pragma warning disable CA5350 // Do not use weak cryptographic algorithms: the digest is shown, it protects nothing.
        var fingerprint = PublicKeyText.Colons(SHA1.HashData(rsa.ExportPkcs8PrivateKey()));
#pragma warning restore CA5350
        var pair = Add(call, "rsa", fingerprint, OpenSsh(rsa));
        Write(call.Response, pair);
        call.Response.Add("keyMaterial", rsa.ExportRSAPrivateKeyPem());
    }

    public static void Describe(Ec2Call call)
    {
        var names = call.Parameters.List("KeyName");
        foreach (var name in names)
        {
            if (Find(call.State, name) is null) throw NotFound(name);
        }

        var withKey = call.Parameters.Boolean("IncludePublicKey") ?? false;
        var pairs = ResourceKind.KeyPair.FindAllOrEvery(call.State.KeyPairs, call.Parameters.List("KeyPairId"))
            .Where(pair => names.Count == 0 || names.Contains(pair.Name));
        call.Response.AddList("keySet", s_filters.Apply(call.Parameters, pairs).OrderBy(static pair => pair.Sequence), pair =>
        {
            Write(call.Response, pair);
            call.Response.Add("keyType", pair.KeyType);
            call.Response.Add("createTime", pair.CreateTime);
            call.Response.Add("publicKey", withKey ? pair.PublicKey : null);
        });
    }

    /// <summary>Deleting what does not exist is no error.</summary>
    public static void Delete(Ec2Call call)
    {
        var name = call.Parameters.Text("KeyName");
        var id = call.Parameters.Text("KeyPairId");
        if (name is null && id is null) throw Ec2Errors.Missing("KeyName");
        var pair = name is not null ? Find(call.State, name) : call.State.KeyPairs.GetValueOrDefault(id!);
        if (pair is not null) call.State.KeyPairs.TryRemove(pair.Id, out _);
        call.Response.AddSuccess();
        call.Response.Add("keyPairId", pair?.Id);
    }

    private static KeyPairRecord Add(Ec2Call call, string keyType, string fingerprint, string publicKey)
    {
        var name = call.Parameters.Required("KeyName");
        if (name.Length > 255) throw Ec2Errors.InvalidValue("Key pair names have at most 255 characters.");
        if (Find(call.State, name) is not null) throw Ec2Errors.Create("InvalidKeyPair.Duplicate", $"The keypair already exists: '{name}'");
        var tags = TagSpecifications.Read(call.Parameters, ResourceKind.KeyPair);
        var (id, sequence) = call.Region.NextId("key");
        return call.State.KeyPairs[id] = new KeyPairRecord
        {
            Id = id,
            Sequence = sequence,
            Tags = tags,
            Name = name,
            KeyType = keyType,
            Fingerprint = fingerprint,
            PublicKey = publicKey,
            CreateTime = call.Now,
        };
    }

    private static KeyPairRecord? Find(RegionState state, string name) => state.KeyPairs.Values.FirstOrDefault(pair => pair.Name == name);

    private static Http.AwsErrorException NotFound(string name) => Ec2Errors.Create("InvalidKeyPair.NotFound", $"The key pair '{name}' does not exist");

    private static void Write(Ec2Xml xml, KeyPairRecord pair)
    {
        xml.Add("keyPairId", pair.Id);
        xml.Add("keyName", pair.Name);
        xml.Add("keyFingerprint", pair.Fingerprint);
        xml.AddTags(pair.Tags);
    }

    private static string OpenSsh(RSA rsa)
    {
        var parameters = rsa.ExportParameters(includePrivateParameters: false);
        // The leading zero keeps the modulus positive in SSH's signed integers.
        byte[] blob = [.. Field("ssh-rsa"u8), .. Field(parameters.Exponent), .. Field([0, .. parameters.Modulus!])];
        return $"ssh-rsa {Convert.ToBase64String(blob)}";
    }

    private static byte[] Field(ReadOnlySpan<byte> value)
    {
        var field = new byte[4 + value.Length];
        BinaryPrimitives.WriteInt32BigEndian(field, value.Length);
        value.CopyTo(field.AsSpan(4));
        return field;
    }
}
