using System.Text;

namespace Coriolis.Morphing.Detection;

/// <summary>The shell-like assignments of os-release(5) and lsb-release.</summary>
internal static class ReleaseFile
{
    public static IReadOnlyDictionary<string, string> Parse(string text)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var line in text.Split('\n').Select(line => line.Trim()))
        {
            var equals = line.IndexOf('=', StringComparison.Ordinal);
            if (equals > 0 && line[0] != '#')
                values[line[..equals].TrimEnd()] = Unquote(line[(equals + 1)..].TrimStart());
        }

        return values;
    }

    private static string Unquote(string value)
    {
        if (value.Length == 0 || value[0] is not ('"' or '\''))
            return value.Split(' ', '\t')[0];

        var quote = value[0];
        var result = new StringBuilder();
        for (var i = 1; i < value.Length && value[i] != quote; i++)
        {
            if (quote == '"' && value[i] == '\\' && i + 1 < value.Length)
                i++;
            result.Append(value[i]);
        }

        return result.ToString();
    }
}
