namespace Coriolis.Morphing.Tests.Support;

/// <summary>A directory of the test's own that is gone afterwards.</summary>
internal sealed class TemporaryDirectory : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("coriolis-morphing-tests-").FullName;

    public string Below(string relative) => System.IO.Path.Combine(Path, relative.TrimStart('/'));

    public void Write(string relative, string text)
    {
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(Below(relative))!);
        File.WriteAllText(Below(relative), text);
    }

    public void Link(string relative, string target)
    {
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(Below(relative))!);
        File.CreateSymbolicLink(Below(relative), target);
    }

    /// <summary>Permission bits in octal digits.</summary>
    public string Mode(string relative) => Convert.ToString((int)File.GetUnixFileMode(Below(relative)), 8);

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
