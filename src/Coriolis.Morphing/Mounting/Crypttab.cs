namespace Coriolis.Morphing.Mounting;

/// <summary>The guest's crypttab(5): which encrypted volume is opened under which name.</summary>
internal static class Crypttab
{
    /// <returns>What is opened, as written, by the name below /dev/mapper.</returns>
    public static IReadOnlyDictionary<string, string> Parse(string text)
    {
        var volumes = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var line in text.Split('\n'))
        {
            if (line.Split([' ', '\t', '\r'], StringSplitOptions.RemoveEmptyEntries) is [var name, var device, ..] && name[0] != '#')
                volumes[name] = device;
        }

        return volumes;
    }
}
