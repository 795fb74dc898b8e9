using System.Threading.Channels;

namespace Coriolis.Destinations.Tests;

/// <summary>Tells whose mode or owner in a folder was changed first since it was made.</summary>
internal sealed class AttributeChanges : IDisposable
{
    private readonly Channel<string> _names = Channel.CreateUnbounded<string>();
    private readonly FileSystemWatcher _watcher;

    public AttributeChanges(string folder)
    {
        _watcher = new FileSystemWatcher(folder) { NotifyFilter = NotifyFilters.Attributes };
        _watcher.Changed += (_, change) => _names.Writer.TryWrite(change.Name!);
        _watcher.EnableRaisingEvents = true;
    }

    public string First()
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        return _names.Reader.ReadAsync(patience.Token).AsTask().GetAwaiter().GetResult();
    }

    public void Dispose() => _watcher.Dispose();
}
