namespace Coriolis.Aws.Emulator.Tests.Storage;

/// <summary>A folder of its own for each test, removed afterwards.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("coriolis-emulator-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
