using Coriolis.Aws.Emulator.Ec2.Protocol;
using Coriolis.Aws.Emulator.State;

namespace Coriolis.Aws.Emulator.Ec2.Encryption;

/// <summary>Decides the encryption of new volumes and snapshot copies and finds their keys.</summary>
internal static class KeyResolver
{
    /// <summary>The alias of the key that is used when a request names none.</summary>
    public const string DefaultKeyAlias = "alias/aws/ebs";

    public static EncryptionChoice ForNewVolume(Region region, bool? encrypted, string? keyId, SnapshotRecord? snapshot)
    {
        if (keyId is not null && encrypted is not true)
        {
            throw Ec2Errors.Create("InvalidParameterDependency", "The parameter KmsKeyId requires the parameter Encrypted to be set.");
        }

        if (snapshot is { Encrypted: true })
        {
            if (encrypted is false) throw Ec2Errors.InvalidValue("A volume from an encrypted snapshot cannot be unencrypted.");
            return Resolve(region, keyId ?? snapshot.KmsKeyArn ?? DefaultKey(region));
        }

        return encrypted ?? region.State.EncryptionByDefault ? Resolve(region, keyId ?? DefaultKey(region)) : EncryptionChoice.None;
    }

    public static EncryptionChoice ForCopy(Region region, bool? encrypted, string? keyId, SnapshotRecord source)
    {
        if (keyId is not null && encrypted is false)
        {
            throw Ec2Errors.Create("InvalidParameterDependency", "The parameter KmsKeyId requires the parameter Encrypted to be set.");
        }

        return source.Encrypted || keyId is not null || (encrypted ?? region.State.EncryptionByDefault)
            ? Resolve(region, keyId ?? DefaultKey(region))
            : EncryptionChoice.None;
    }

    public static string DefaultKey(Region region) => region.State.DefaultKmsKey ?? DefaultKeyAlias;

    /// <summary>Whether a key is the one that AWS manages for EBS, which cannot be shared.</summary>
    public static bool IsDefaultKey(Region region, string? keyArn) => keyArn is not null && keyArn == Resolve(region, DefaultKeyAlias).KeyArn;

    private static EncryptionChoice Resolve(Region region, string keyId) => region.FindKey(keyId) is { } key
        ? new(true, key.Arn, key.IsUsable)
        : new(true, keyId.StartsWith("arn:", StringComparison.Ordinal) ? keyId : region.Arn("kms", $"key/{keyId}"), KeyUsable: false);
}
