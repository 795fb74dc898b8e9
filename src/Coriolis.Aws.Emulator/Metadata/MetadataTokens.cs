using System.Collections.Concurrent;
using System.Security.Cryptography;

namespace Coriolis.Aws.Emulator.Metadata;

/// <summary>The session tokens that one machine's metadata service has given out. Thread-safe.</summary>
internal sealed class MetadataTokens(TimeProvider timeProvider)
{
    private readonly ConcurrentDictionary<string, DateTimeOffset> _ends = new(StringComparer.Ordinal);

    public string Issue(TimeSpan lifetime)
    {
        // The form of AWS's: 56 characters that end with two equals signs.
        var token = Convert.ToBase64String(RandomNumberGenerator.GetBytes(40)).Replace('+', '-').Replace('/', '_');
        _ends[token] = timeProvider.GetUtcNow() + lifetime;
        return token;
    }

    /// <summary>How long a token is still good for; null for one that has expired or was never given out.</summary>
    public TimeSpan? TimeLeft(string token)
    {
        if (!_ends.TryGetValue(token, out var end)) return null;
        var left = end - timeProvider.GetUtcNow();
        if (left > TimeSpan.Zero) return left;
        _ends.TryRemove(token, out _);
        return null;
    }
}
