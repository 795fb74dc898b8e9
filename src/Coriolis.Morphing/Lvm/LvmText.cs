using System.Globalization;
using System.Text;

namespace Coriolis.Morphing.Lvm;

/// <summary>The text in which LVM keeps its metadata: sections of settings, lvm.conf(5) has the grammar.</summary>
internal sealed class LvmText
{
    private readonly string _text;
    private int _position;

    private LvmText(string text) => _text = text;

    /// <returns>The settings by name: a string, a number, a list of these, or a section.</returns>
    /// <exception cref="FormatException">The text is damaged.</exception>
    public static LvmSection Parse(string text)
    {
        var parser = new LvmText(text);
        var section = parser.ReadSection();
        return parser._position == text.Length ? section : throw parser.Damaged();
    }

    private LvmSection ReadSection()
    {
        var settings = new Dictionary<string, object>(StringComparer.Ordinal);
        while (Peek() is { } next and not '}')
        {
            var name = ReadName(next);
            if (TryRead('='))
                settings[name] = ReadValue();
            else if (TryRead('{'))
                (settings[name], _) = (ReadSection(), Expect('}'));
            else
                throw Damaged();
        }

        return new(settings);
    }

    private string ReadName(char first)
    {
        var start = _position;
        while (_position < _text.Length && (char.IsAsciiLetterOrDigit(_text[_position]) || "_-.+/".Contains(_text[_position], StringComparison.Ordinal)))
            _position++;
        return _position > start ? _text[start.._position] : first == '"' ? ReadString() : throw Damaged();
    }

    private object ReadValue()
    {
        if (!TryRead('['))
            return Peek() == '"' ? ReadString() : ReadNumber();

        var list = new List<object>();
        while (!TryRead(']'))
        {
            list.Add(Peek() == '"' ? ReadString() : ReadNumber());
            _ = TryRead(',');
        }

        return list;
    }

    private string ReadString()
    {
        Expect('"');
        var value = new StringBuilder();
        while (_position < _text.Length && _text[_position] != '"')
        {
            if (_text[_position] == '\\')
                _position++;
            if (_position < _text.Length)
                value.Append(_text[_position++]);
        }

        Expect('"');
        return value.ToString();
    }

    private long ReadNumber()
    {
        _ = Peek();
        var start = _position;
        while (_position < _text.Length && (char.IsAsciiDigit(_text[_position]) || _text[_position] == '-'))
            _position++;
        return long.TryParse(_text.AsSpan(start, _position - start), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw Damaged();
    }

    private char? Peek()
    {
        while (_position < _text.Length && (char.IsWhiteSpace(_text[_position]) || _text[_position] is '#' or '\0'))
        {
            if (_text[_position] == '#')
                _position = _text.IndexOf('\n', _position) is >= 0 and var end ? end : _text.Length;
            else
                _position++;
        }

        return _position < _text.Length ? _text[_position] : null;
    }

    private bool TryRead(char expected)
    {
        if (Peek() != expected)
            return false;

        _position++;
        return true;
    }

    private bool Expect(char expected) => TryRead(expected) ? true : throw Damaged();

    private FormatException Damaged() => new($"the metadata is damaged at its character {_position}");
}
