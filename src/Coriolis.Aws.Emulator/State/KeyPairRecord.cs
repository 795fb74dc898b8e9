namespace Coriolis.Aws.Emulator.State;

/// <summary>The public half of an SSH key pair.</summary>
internal sealed record KeyPairRecord : IResource
{
    public required string Id { get; init; }

    public required long Sequence { get; init; }

    public IReadOnlyDictionary<string, string> Tags { get; init; } = TagSet.Empty;

    public required string Name { get; init; }

    /// <summary><c>rsa</c> or <c>ed25519</c>.</summary>
    public required string KeyType { get; init; }

    public required string Fingerprint { get; init; }

    /// <summary>In OpenSSH form.</summary>
    public required string PublicKey { get; init; }

    public required DateTimeOffset CreateTime { get; init; }
}
