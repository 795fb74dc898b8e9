using Coriolis.Aws.Emulator.Ec2.Protocol;
using Coriolis.Aws.Emulator.Iam;
using Coriolis.Aws.Emulator.State;

namespace Coriolis.Aws.Emulator.Ec2.Encryption;

/// <summary>Decides the encryption of new volumes and snapshot copies and finds their keys.</summary>
internal static class KeyResolver
{
    /// <summary>The alias of the key that is used when a request names none.</summary>
    public const string DefaultKeyAlias = "alias/aws/ebs";

    // What EC2 asks of KMS in the caller's name, by the EBS user guide, "How Amazon EBS encryption works".
    private static readonly string[] s_toEncrypt = ["CreateGrant", "GenerateDataKeyWithoutPlaintext", "Decrypt"];
    private static readonly string[] s_toKeepEncrypted = ["GenerateDataKeyWithoutPlaintext"];
    private static readonly string[] s_toReadFor = ["Decrypt", "ReEncryptFrom"];

    /// <summary>Decides for a volume; without a caller, as for a seed, nobody's permissions matter.</summary>
    public static EncryptionChoice ForNewVolume(Region region, bool? encrypted, string? keyId, SnapshotRecord? snapshot, Authorizer? caller)
    {
        if (keyId is not null && encrypted is not true)
        {
            throw Ec2Errors.Create("InvalidParameterDependency", "The parameter KmsKeyId requires the parameter Encrypted to be set.");
        }

        if (snapshot is { Encrypted: true })
        {
            if (encrypted is false) throw Ec2Errors.InvalidValue("A volume from an encrypted snapshot cannot be unencrypted.");
            return Reencrypt(region, Resolve(region, keyId ?? snapshot.KmsKeyArn ?? DefaultKey(region)), snapshot.KmsKeyArn, caller);
        }

        return encrypted ?? region.State.EncryptionByDefault
            ? Require(region, Resolve(region, keyId ?? DefaultKey(region)), caller, s_toEncrypt)
            : EncryptionChoice.None;
    }

    public static EncryptionChoice ForCopy(Region region, bool? encrypted, string? keyId, SnapshotRecord source, Authorizer caller)
    {
        if (keyId is not null && encrypted is false)
        {
            throw Ec2Errors.Create("InvalidParameterDependency", "The parameter KmsKeyId requires the parameter Encrypted to be set.");
        }

        if (!source.Encrypted && keyId is null && !(encrypted ?? region.State.EncryptionByDefault)) return EncryptionChoice.None;
        var choice = Resolve(region, keyId ?? DefaultKey(region));
        return source.Encrypted ? Reencrypt(region, choice, source.KmsKeyArn, caller) : Require(region, choice, caller, s_toEncrypt);
    }

    /// <summary>
    /// Whether a caller can let an instance decrypt a volume: attaching, starting and launching give the instance a grant on its key,
    /// which must be enabled.
    /// </summary>
    public static bool CanAttach(Region region, Authorizer caller, VolumeRecord volume) =>
        volume.KmsKeyArn is null
        || (region.FindKey(volume.KmsKeyArn) is { IsUsable: true } key && region.MayUseKey(caller, key, "CreateGrant", volume.Id));

    public static string DefaultKey(Region region) => region.State.DefaultKmsKey ?? DefaultKeyAlias;

    /// <summary>Whether a key is the one that AWS manages for EBS, which cannot be shared.</summary>
    public static bool IsDefaultKey(Region region, string? keyArn) => keyArn is not null && keyArn == Resolve(region, DefaultKeyAlias).KeyArn;

    private static EncryptionChoice Reencrypt(Region region, EncryptionChoice target, string? sourceKeyArn, Authorizer? caller)
    {
        if (target.KeyArn == sourceKeyArn) return Require(region, target, caller, s_toKeepEncrypted);
        var source = sourceKeyArn is null || region.FindKey(sourceKeyArn) is not { } key ? null : key;
        var readable = caller is null || source is null || s_toReadFor.All(operation => region.MayUseKey(caller, source, operation, null));
        return Require(region, target with { KeyUsable = target.KeyUsable && readable }, caller, s_toEncrypt);
    }

    /// <summary>A key that the caller may not use is found out as late as one that does not exist.</summary>
    private static EncryptionChoice Require(Region region, EncryptionChoice choice, Authorizer? caller, string[] operations) =>
        caller is null || region.FindKey(choice.KeyArn!) is not { } key || operations.All(operation => region.MayUseKey(caller, key, operation, null))
            ? choice
            : choice with { KeyUsable = false };

    private static EncryptionChoice Resolve(Region region, string keyId) => region.FindKey(keyId) is { } key
        ? new(true, key.Arn, key.IsUsable)
        : new(true, keyId.StartsWith("arn:", StringComparison.Ordinal) ? keyId : region.Arn("kms", $"key/{keyId}"), KeyUsable: false);
}
