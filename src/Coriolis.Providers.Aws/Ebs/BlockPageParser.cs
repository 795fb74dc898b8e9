using System.Text.Json;

namespace Coriolis.Providers.Aws.Ebs;

/// <summary>Reads the JSON of ListSnapshotBlocks and ListChangedBlocks without an object per entry.</summary>
internal ref struct BlockPageParser
{
    // The longest token by the service model; most are shorter.
    private const int TypicalTokenLength = 128;

    private readonly string _tokenName;
    private Utf8JsonReader _reader;
    private int[] _indexes;
    private int[] _tokenEnds;
    private byte[] _tokens;
    private int _count;
    private int _tokenBytes;

    private BlockPageParser(ReadOnlySpan<byte> json, bool changed, int expected)
    {
        _reader = new Utf8JsonReader(json);
        _tokenName = changed ? "SecondBlockToken" : "BlockToken";
        _indexes = new int[expected];
        _tokenEnds = new int[expected];
        _tokens = BlockPageBuffers.Pool.Rent(expected * TypicalTokenLength);
    }

    /// <summary>Parses a page.</summary>
    /// <param name="json">The whole body.</param>
    /// <param name="changed">Whether it lists changes: then the token is the one of the second snapshot, and may be absent.</param>
    /// <param name="expected">How many entries the buffers are made for.</param>
    /// <exception cref="JsonException">The body is not such a page.</exception>
    public static BlockPage Parse(ReadOnlySpan<byte> json, bool changed, int expected)
    {
        // An entry takes at least {"BlockIndex":0},; short bodies need no large buffers.
        var parser = new BlockPageParser(json, changed, Math.Clamp(json.Length / 17, 1, expected));
        try
        {
            return parser.ParsePage(changed ? "ChangedBlocks" : "Blocks");
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or FormatException or OverflowException)
        {
            BlockPageBuffers.Pool.Return(parser._tokens);
            throw exception as JsonException ?? new JsonException(exception.Message, exception);
        }
    }

    private BlockPage ParsePage(string listName)
    {
        string? nextToken = null;
        var expiry = DateTimeOffset.MaxValue;
        long volumeSize = 0;
        var blockSize = 0;
        Expect(JsonTokenType.StartObject);
        while (NextProperty())
        {
            if (_reader.ValueTextEquals(listName))
            {
                _reader.Read();
                ParseEntries();
                continue;
            }

            var name = _reader.GetString();
            _reader.Read();
            switch (name)
            {
                case "NextToken":
                    nextToken = _reader.GetString() is { Length: > 0 } token ? token : null;
                    break;
                case "ExpiryTime":
                    expiry = DateTimeOffset.UnixEpoch.AddSeconds(_reader.GetDouble());
                    break;
                case "VolumeSize":
                    volumeSize = _reader.GetInt64();
                    break;
                case "BlockSize":
                    blockSize = _reader.GetInt32();
                    break;
                default:
                    _reader.Skip();
                    break;
            }
        }

        return new BlockPage(_indexes, _tokenEnds, _count, _tokens)
        {
            NextToken = nextToken,
            ExpiryTime = expiry,
            VolumeSize = volumeSize,
            BlockSize = blockSize,
        };
    }

    private void ParseEntries()
    {
        if (_reader.TokenType == JsonTokenType.Null)
        {
            return;
        }

        while (_reader.Read() && _reader.TokenType == JsonTokenType.StartObject)
        {
            ParseEntry();
        }
    }

    private void ParseEntry()
    {
        var index = -1;
        while (NextProperty())
        {
            if (_reader.ValueTextEquals("BlockIndex"))
            {
                _reader.Read();
                index = _reader.GetInt32();
            }
            else if (_reader.ValueTextEquals(_tokenName))
            {
                _reader.Read();
                CopyToken();
            }
            else
            {
                _reader.Read();
                _reader.Skip();
            }
        }

        if (_count == _indexes.Length)
        {
            Array.Resize(ref _indexes, _count * 2);
            Array.Resize(ref _tokenEnds, _count * 2);
        }

        _indexes[_count] = index;
        _tokenEnds[_count] = _tokenBytes;
        _count++;
    }

    private void CopyToken()
    {
        if (_reader.TokenType == JsonTokenType.Null)
        {
            return;
        }

        var needed = _tokenBytes + _reader.ValueSpan.Length;
        if (needed > _tokens.Length)
        {
            var larger = BlockPageBuffers.Pool.Rent(Math.Max(needed, _tokens.Length * 2));
            _tokens.AsSpan(0, _tokenBytes).CopyTo(larger);
            BlockPageBuffers.Pool.Return(_tokens);
            _tokens = larger;
        }

        _tokenBytes += _reader.CopyString(_tokens.AsSpan(_tokenBytes));
    }

    private bool NextProperty()
    {
        if (!_reader.Read())
        {
            throw new JsonException("The body ends early.");
        }

        return _reader.TokenType == JsonTokenType.PropertyName;
    }

    private void Expect(JsonTokenType type)
    {
        if (!_reader.Read() || _reader.TokenType != type)
        {
            throw new JsonException($"Expected {type}, found {_reader.TokenType}.");
        }
    }
}
