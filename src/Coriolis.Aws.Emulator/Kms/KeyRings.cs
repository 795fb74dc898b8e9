using System.Collections.Concurrent;
using Coriolis.Aws.Emulator.State;

namespace Coriolis.Aws.Emulator.Kms;

/// <summary>The keys of the account in all regions. Thread-safe.</summary>
internal sealed class KeyRings(StateStore store, string accountId, int seed, TimeProvider timeProvider) : IDisposable
{
    private const string DefaultAlias = "alias/aws/ebs";

    private readonly SemaphoreSlim _gate = new(1, 1);
    private readonly ConcurrentDictionary<string, KeyRingState> _rings = new(StringComparer.Ordinal);

    public KeyRingState Get(string region) => _rings.GetOrAdd(region, Load);

    /// <summary>Finds a key by its id, ARN, alias or alias ARN; null when there is none in the region.</summary>
    public EncryptionKey? Find(string region, string name)
    {
        var ring = Get(region);
        var prefix = Arn(region, "");
        if (name.StartsWith("arn:", StringComparison.Ordinal))
        {
            if (!name.StartsWith(prefix, StringComparison.Ordinal))
            {
                return null;
            }

            name = name[prefix.Length..];
        }

        name = name.StartsWith("key/", StringComparison.Ordinal) ? name[4..] : name;
        if (ring.Aliases.TryGetValue(name, out var alias))
        {
            name = alias.TargetKeyId;
        }

        return ring.Keys.TryGetValue(name, out var key) && !(key.DeletionDate <= timeProvider.GetUtcNow()) ? key : null;
    }

    /// <summary>Returns the key that EBS uses when a request names none.</summary>
    public EncryptionKey GetDefault(string region) => Find(region, DefaultAlias)!;

    public string Arn(string region, string resource) => $"arn:aws:kms:{region}:{accountId}:{resource}";

    public EncryptionKey NewKey(string region, KeyRingState ring, bool multiRegion)
    {
        // Multi-region keys are recognized by the prefix of their id (KMS developer guide, "Multi-Region keys").
        var id = multiRegion ? "mrk-" + NewDigest(region, ring)[..32] : NewUuid(region, ring);
        return new EncryptionKey { KeyId = id, Arn = Arn(region, $"key/{id}"), CreatedAt = timeProvider.GetUtcNow(), MultiRegion = multiRegion };
    }

    /// <summary>The 256 bits that a key encrypts with: made from the seed, so that there is no secret to store.</summary>
    public byte[] MaterialOf(EncryptionKey key) => IdSource.Digest(seed, "kms", key.Arn, 0);

    public string NewDigest(string region, KeyRingState ring) =>
        Convert.ToHexStringLower(IdSource.Digest(seed, region, "kms", ++ring.LastSequence));

    /// <summary>Changes the keys of a region and saves them.</summary>
    public async Task<T> ChangeAsync<T>(string region, Func<KeyRingState, T> change, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            var ring = Get(region);
            var result = change(ring);
            await store.WriteAsync(Section(region), () => ring, KmsJson.Default.KeyRingState, cancellationToken).ConfigureAwait(false);
            return result;
        }
        finally
        {
            _gate.Release();
        }
    }

    public void Dispose() => _gate.Dispose();

    private static string Section(string region) => $"kms/{region}";

    private string NewUuid(string region, KeyRingState ring) => new Guid(Convert.FromHexString(NewDigest(region, ring)[..32])).ToString();

    private KeyRingState Load(string region)
    {
        var ring = store.Read(Section(region), KmsJson.Default.KeyRingState) ?? new KeyRingState();
        if (!ring.Aliases.ContainsKey(DefaultAlias))
        {
            var key = NewKey(region, ring, multiRegion: false) with
            {
                AwsManaged = true,
                Description = "Default key that protects my EBS volumes when no other key is defined",
            };
            ring.Keys[key.KeyId] = key;
            ring.Aliases[DefaultAlias] = new KeyAlias(DefaultAlias, key.KeyId, key.CreatedAt);
        }

        return ring;
    }
}
