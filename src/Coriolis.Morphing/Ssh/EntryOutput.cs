using System.Globalization;
using System.Text;
using Coriolis.Morphing.Native;
using Coriolis.Morphing.Staging;

namespace Coriolis.Morphing.Ssh;

/// <summary>Reads what the scripts that look at entries print.</summary>
internal static class EntryOutput
{
    private const int DigestDigits = 64;

    // Where sha256sum puts the name.
    private const int DigestNameStart = DigestDigits + 2;

    /// <summary>Reads the output of <see cref="TreeScripts.Look"/>: the entries by their path in the guest.</summary>
    public static IReadOnlyDictionary<string, FileState> ParseStates(string output)
    {
        var states = new Dictionary<string, FileState>(StringComparer.Ordinal);
        var fields = new Queue<string>(output.Split('\0').SkipLast(1));
        while (fields.TryDequeue(out var field))
        {
            switch (field)
            {
                case "S":
                    states[PathOf(fields.Dequeue())] = ParseStatus(fields);
                    break;
                case "L":
                    var link = PathOf(fields.Dequeue());
                    states[link] = states[link] with { LinkTarget = fields.Dequeue() };
                    break;
                case "A":
                    foreach (var (path, attributes) in ParseAttributes(fields.Dequeue()))
                        states[path] = states[path] with { Attributes = attributes };
                    break;
                default:
                    var file = PathOf(field[DigestNameStart..]);
                    states[file] = states[file] with { Sha256 = field[..DigestDigits] };
                    break;
            }
        }

        return states;
    }

    /// <summary>Reads the output of getfattr(1).</summary>
    public static IEnumerable<(string Path, IReadOnlyDictionary<string, byte[]> Attributes)> ParseAttributes(string output)
    {
        foreach (var block in output.Split("\n\n", StringSplitOptions.RemoveEmptyEntries))
        {
            var lines = block.Split('\n', StringSplitOptions.RemoveEmptyEntries);
            var attributes = new Dictionary<string, byte[]>(StringComparer.Ordinal);
            foreach (var line in lines[1..])
            {
                // A value of no bytes has no equals sign.
                var parts = line.Split("=0s", 2);
                attributes[Unescape(parts[0].TrimEnd('='))] = parts.Length > 1 ? Convert.FromBase64String(parts[1]) : [];
            }

            yield return (PathOf(Unescape(lines[0]["# file: ".Length..])), FileState.WithoutOverlay(attributes));
        }
    }

    /// <summary>What scripts call an entry: its path without the first slash.</summary>
    public static string NameOf(string path) => path == "/" ? "." : path[1..];

    /// <summary>The path of what a script calls by a name.</summary>
    public static string PathOf(string name)
    {
        var plain = name.StartsWith("./", StringComparison.Ordinal) ? name[2..] : name;
        return plain == "." ? "/" : "/" + plain;
    }

    private static FileState ParseStatus(Queue<string> fields)
    {
        var mode = ushort.Parse(fields.Dequeue(), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
        var kind = GuestFileNode.KindOf(mode);
        var user = uint.Parse(fields.Dequeue(), CultureInfo.InvariantCulture);
        var group = uint.Parse(fields.Dequeue(), CultureInfo.InvariantCulture);
        var time = fields.Dequeue().Split('.');
        var size = long.Parse(fields.Dequeue(), CultureInfo.InvariantCulture);
        var major = uint.Parse(fields.Dequeue(), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
        var minor = uint.Parse(fields.Dequeue(), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
        return new()
        {
            Kind = kind,
            ModeAndType = mode,
            User = user,
            Group = group,
            Modified = new(long.Parse(time[0], CultureInfo.InvariantCulture), long.Parse(time[1], CultureInfo.InvariantCulture)),
            SizeBytes = kind == GuestFileKind.Regular ? size : 0,
            Device = (major, minor),
            Attributes = FileState.NoAttributes,
        };
    }

    // getfattr writes a backslash, a line end and an equals sign as three octal digits.
    private static string Unescape(string text)
    {
        if (!text.Contains('\\', StringComparison.Ordinal))
            return text;

        var plain = new StringBuilder();
        for (var index = 0; index < text.Length; index++)
        {
            if (text[index] == '\\')
            {
                plain.Append((char)Convert.ToInt32(text.Substring(index + 1, 3), 8));
                index += 3;
            }
            else
            {
                plain.Append(text[index]);
            }
        }

        return plain.ToString();
    }
}
