using System.Globalization;
using System.Xml;

namespace Coriolis.Aws.Emulator.Ec2.Protocol;

/// <summary>Writes the XML of one answer by the EC2 protocol's rules: absent members are left out, lists hold <c>item</c> elements.</summary>
internal sealed class Ec2Xml : IDisposable
{
    private const string Namespace = "http://ec2.amazonaws.com/doc/2016-11-15/";

    private readonly MemoryStream _buffer = new();
    private readonly XmlWriter _xml;

    public Ec2Xml(string operation, string requestId)
    {
        _xml = XmlWriter.Create(_buffer, new XmlWriterSettings { CheckCharacters = false });
        _xml.WriteStartElement(operation + "Response", Namespace);
        _xml.WriteElementString("requestId", Namespace, requestId);
    }

    public void Add(string name, string? value)
    {
        if (value is not null) _xml.WriteElementString(name, Namespace, value);
    }

    public void Add(string name, bool? value)
    {
        if (value is not null) Add(name, value.Value ? "true" : "false");
    }

    public void Add(string name, int? value) => Add(name, (long?)value);

    public void Add(string name, int value) => Add(name, (long?)value);

    public void Add(string name, long? value)
    {
        if (value is not null) Add(name, value.Value.ToString(CultureInfo.InvariantCulture));
    }

    public void Add(string name, double value) => Add(name, value.ToString(CultureInfo.InvariantCulture));

    public void Add(string name, DateTimeOffset? value)
    {
        if (value is not null) Add(name, Timestamp(value.Value));
    }

    /// <summary>A structure.</summary>
    public void Add(string name, Action content)
    {
        _xml.WriteStartElement(name, Namespace);
        content();
        _xml.WriteEndElement();
    }

    /// <summary>A list of structures.</summary>
    public void AddList<T>(string name, IEnumerable<T> items, Action<T> content) => Add(name, () =>
    {
        foreach (var item in items)
        {
            Add("item", () => content(item));
        }
    });

    /// <summary>A list of strings.</summary>
    public void AddList(string name, IEnumerable<string> items) => Add(name, () =>
    {
        foreach (var item in items)
        {
            Add("item", item);
        }
    });

    /// <summary>The result of an operation that has nothing else to say.</summary>
    public void AddSuccess() => Add("return", true);

    public void AddTags(IReadOnlyDictionary<string, string> tags) => AddList("tagSet", tags, tag =>
    {
        Add("key", tag.Key);
        Add("value", tag.Value);
    });

    public ReadOnlyMemory<byte> Finish()
    {
        _xml.WriteEndElement();
        _xml.Flush();
        return _buffer.GetBuffer().AsMemory(0, (int)_buffer.Length);
    }

    public void Dispose()
    {
        _xml.Dispose();
        _buffer.Dispose();
    }

    public static string Timestamp(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
}
