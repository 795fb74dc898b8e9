namespace Coriolis.Reliability.Tests.Support;

/// <summary>A folder for one test, removed with everything in it.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("coriolis-proof-").FullName;

    public string this[string name] => System.IO.Path.Combine(Path, name);

    /// <summary>Creates a folder in this one.</summary>
    public string Create(string name) => Directory.CreateDirectory(this[name]).FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
