namespace Coriolis.Aws.Emulator.Matching;

/// <summary>Matches the patterns of filter values and policies: <c>*</c> any characters, <c>?</c> one character, a backslash takes the next literally.</summary>
internal static class Wildcard
{
    public static bool Matches(string pattern, string value)
    {
        int p = 0, v = 0, starAt = -1, resumeAt = 0;
        while (v < value.Length)
        {
            if (p < pattern.Length && pattern[p] == '*')
            {
                starAt = p++;
                resumeAt = v;
                continue;
            }

            var escaped = p + 1 < pattern.Length && pattern[p] == '\\';
            var literal = escaped ? p + 1 : p;
            if (p < pattern.Length && ((!escaped && pattern[p] == '?') || pattern[literal] == value[v]))
            {
                p = literal + 1;
                v++;
            }
            else if (starAt >= 0)
            {
                // Let the last star take one character more.
                p = starAt + 1;
                v = ++resumeAt;
            }
            else
            {
                return false;
            }
        }

        while (p < pattern.Length && pattern[p] == '*') p++;
        return p == pattern.Length;
    }
}
