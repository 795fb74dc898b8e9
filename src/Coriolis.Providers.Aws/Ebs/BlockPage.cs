using System.Text;

namespace Coriolis.Providers.Aws.Ebs;

/// <summary>One page of a block list.</summary>
/// <remarks>
/// Tokens are kept as bytes in one pooled buffer: as strings, the ten thousand of a page would be that many objects. Only the tokens
/// need the page not to be disposed; the indexes stay readable.
/// </remarks>
internal sealed class BlockPage : IDisposable
{
    private readonly int[] _indexes;
    private readonly int[] _tokenEnds;
    private byte[]? _tokens;

    public BlockPage(int[] indexes, int[] tokenEnds, int count, byte[] pooledTokens)
    {
        _indexes = indexes;
        _tokenEnds = tokenEnds;
        _tokens = pooledTokens;
        Count = count;
    }

    /// <summary>Number of listed blocks; zero does not mean that the list ends.</summary>
    public int Count { get; }

    /// <summary>The listed indexes.</summary>
    public ReadOnlySpan<int> Indexes => _indexes.AsSpan(0, Count);

    /// <summary>Continues the list; <see langword="null"/> at its end.</summary>
    public string? NextToken { get; init; }

    /// <summary>When the tokens stop working.</summary>
    public DateTimeOffset ExpiryTime { get; init; }

    /// <summary>The size of the volume as the service states it: GiB, or bytes when larger than any number of GiB could be.</summary>
    public long VolumeSize { get; init; }

    public int BlockSize { get; init; }

    /// <summary>Memory that the page holds.</summary>
    public long SizeBytes => (_indexes.Length + _tokenEnds.Length) * (long)sizeof(int) + (_tokens?.Length ?? 0);

    /// <summary>Whether the entry has a token, so that the block can be read.</summary>
    public bool HasToken(int position) => TokenStart(position) < _tokenEnds[position];

    /// <summary>The token of an entry.</summary>
    public string GetToken(int position)
    {
        ObjectDisposedException.ThrowIf(_tokens is null, this);
        var start = TokenStart(position);
        return Encoding.ASCII.GetString(_tokens, start, _tokenEnds[position] - start);
    }

    public void Dispose()
    {
        if (_tokens is { } tokens)
        {
            _tokens = null;
            BlockPageBuffers.Pool.Return(tokens);
        }
    }

    private int TokenStart(int position) => position == 0 ? 0 : _tokenEnds[position - 1];
}
