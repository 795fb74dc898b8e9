namespace Coriolis.Morphing.Ssh;

/// <summary>Words of a shell's command line.</summary>
internal static class ShellWord
{
    /// <summary>A word that a POSIX shell takes as it is, whatever it holds.</summary>
    public static string Quote(string word) => $"'{word.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
