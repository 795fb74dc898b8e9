using System.Globalization;
using System.Text;
using Coriolis.Morphing.Staging;

namespace Coriolis.Morphing.Ssh;

/// <summary>Changes of a guest's file systems as a script, each a line that calls a function of <see cref="TreeScripts.Plan"/>.</summary>
internal sealed class RestorePlan
{
    private const string NoMode = "-";

    // A command line holds 128 KiB at least, and a path 4 KiB at most.
    private const int MaxWords = 30;

    private readonly StringBuilder _text = new(TreeScripts.Plan);

    /// <summary>Removes entries in their order, what is in a directory before it.</summary>
    public void Remove(IEnumerable<string> paths)
    {
        foreach (var some in paths.Select(EntryOutput.NameOf).Chunk(MaxWords))
            Add("gone", some);
    }

    /// <summary>Puts an entry in place of what is there. The bytes of files come in the order of these calls.</summary>
    public void Put(string path, FileState state)
    {
        var name = EntryOutput.NameOf(path);
        var device = $"{state.Device.Major.ToString(CultureInfo.InvariantCulture)} {state.Device.Minor.ToString(CultureInfo.InvariantCulture)}";
        var mode = Convert.ToString((int)state.Mode, 8);
        switch (state.Kind)
        {
            case GuestFileKind.Regular:
                Add("file", [name, state.SizeBytes.ToString(CultureInfo.InvariantCulture), mode, .. Dress(state)]);
                break;
            case GuestFileKind.Directory:
                Add("directory", [name, mode, .. Dress(state)]);
                break;
            case GuestFileKind.SymbolicLink:
                Add("link", [name, state.LinkTarget!, NoMode, .. Dress(state)]);
                break;
            default:
                // Sockets are remains of a program that ran.
                if (NodeType(state) is { } type)
                    Add("node", [name, type == "p" ? type : $"{type} {device}", mode, .. Dress(state)]);
                break;
        }
    }

    /// <summary>Flushes the file systems that are mounted at these places.</summary>
    public void Flush(IEnumerable<string> mountPoints) =>
        _text.Append("exec sync -f ").AppendJoin(' ', mountPoints.Select(point => ShellWord.Quote("." + point))).Append('\n');

    public override string ToString() => _text.ToString();

    private static IEnumerable<string> Dress(FileState state) =>
    [
        string.Create(CultureInfo.InvariantCulture, $"{state.User}:{state.Group}"),
        string.Create(CultureInfo.InvariantCulture, $"{state.Modified.Seconds}.{state.Modified.Nanoseconds:d9}"),
        .. state.Attributes.SelectMany(pair => (string[])[pair.Key, Convert.ToBase64String(pair.Value)]),
    ];

    private static string? NodeType(FileState state) => (state.ModeAndType & 0xf000) switch
    {
        0x1000 => "p",
        0x2000 => "c",
        0x6000 => "b",
        _ => null,
    };

    private void Add(string function, IEnumerable<string> words) =>
        _text.Append(function).Append(' ').AppendJoin(' ', words.Select(ShellWord.Quote)).Append('\n');
}
