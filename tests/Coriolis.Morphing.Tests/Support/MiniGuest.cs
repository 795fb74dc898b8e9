using System.Text.RegularExpressions;

namespace Coriolis.Morphing.Tests.Support;

/// <summary>The smallest guest whose programs run: the machine's own shell and a few tools with their libraries.</summary>
internal static partial class MiniGuest
{
    private static readonly string[] s_programs = ["sh", "cat", "sleep", "ls", "env", "head"];

    /// <param name="guest">Where it goes.</param>
    /// <param name="more">Programs that it is to have besides.</param>
    public static void Install(TemporaryDirectory guest, params string[] more)
    {
        foreach (var folder in (string[])["bin", "proc", "sys", "dev", "run", "tmp", "etc"])
            Directory.CreateDirectory(guest.Below(folder));
        foreach (var program in s_programs.Concat(more).Select(name => Machine.FindProgram(name)!))
        {
            Copy(guest, program, Path.Combine("/bin", Path.GetFileName(program)));
            foreach (Match library in Library().Matches(Machine.Run("ldd", program)))
                Copy(guest, library.Value, library.Value);
        }
    }

    private static void Copy(TemporaryDirectory guest, string from, string to)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(guest.Below(to))!);
        File.Copy(from, guest.Below(to), overwrite: true);
    }

    [GeneratedRegex(@"(?<=\s)/\S+(?= \(0x)")]
    private static partial Regex Library();
}
