namespace Coriolis.Aws.Emulator.Kms;

/// <summary>A KMS key.</summary>
internal sealed record EncryptionKey
{
    public const string Enabled = "Enabled";
    public const string Disabled = "Disabled";
    public const string PendingDeletion = "PendingDeletion";

    /// <summary>The only key spec that encrypts here.</summary>
    public const string Symmetric = "SYMMETRIC_DEFAULT";

    public required string KeyId { get; init; }

    public required string Arn { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>One of <see cref="Enabled"/>, <see cref="Disabled"/>, <see cref="PendingDeletion"/>.</summary>
    public string State { get; init; } = Enabled;

    public string Description { get; init; } = "";

    /// <summary>Whether AWS manages the key, as the one that EBS uses by default.</summary>
    public bool AwsManaged { get; init; }

    public bool MultiRegion { get; init; }

    public string KeySpec { get; init; } = Symmetric;

    public string KeyUsage { get; init; } = "ENCRYPT_DECRYPT";

    public DateTimeOffset? DeletionDate { get; init; }

    /// <summary>Whether EBS can encrypt and decrypt with the key.</summary>
    public bool IsUsable => State == Enabled && KeySpec == Symmetric;
}
