using System.Collections.Concurrent;

namespace Coriolis.Aws.Emulator.Kms;

/// <summary>The keys of one region. Written only under the ring's gate; read at any time.</summary>
internal sealed class KeyRingState
{
    public long LastSequence { get; set; }

    public ConcurrentDictionary<string, EncryptionKey> Keys { get; init; } = new(StringComparer.Ordinal);

    public ConcurrentDictionary<string, KeyAlias> Aliases { get; init; } = new(StringComparer.Ordinal);

    public ConcurrentDictionary<string, KeyGrant> Grants { get; init; } = new(StringComparer.Ordinal);
}
