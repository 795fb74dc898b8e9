using System.Text;

namespace Coriolis.Cli;

/// <summary>Left-aligned columns of plain text, as wide as their widest cell.</summary>
internal sealed class TextTable(params string[] headers)
{
    private const string Gap = "  ";
    private readonly List<string[]> _rows = [headers];

    public void Add(params string[] cells) => _rows.Add(cells);

    public void WriteTo(Terminal terminal)
    {
        var widths = Enumerable.Range(0, headers.Length).Select(column => _rows.Max(row => row[column].Length)).ToArray();
        foreach (var row in _rows)
        {
            terminal.WriteResult(Format(row, widths));
        }
    }

    private static string Format(string[] row, int[] widths)
    {
        var line = new StringBuilder();
        for (var column = 0; column < row.Length; column++)
        {
            line.Append(row[column].PadRight(widths[column])).Append(Gap);
        }

        return line.ToString().TrimEnd();
    }
}
