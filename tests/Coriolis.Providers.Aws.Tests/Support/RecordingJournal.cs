using System.Collections.Concurrent;

namespace Coriolis.Providers.Aws.Tests.Support;

/// <summary>A journal that remembers what it was told.</summary>
internal sealed class RecordingJournal : IResourceJournal
{
    public ConcurrentQueue<string> Intents { get; } = [];

    public ConcurrentQueue<string> Created { get; } = [];

    public ConcurrentQueue<string> Kept { get; } = [];

    public ConcurrentQueue<string> Deleted { get; } = [];

    /// <summary>Whether there is no room for another intent.</summary>
    public bool IsFull { get; init; }

    public ValueTask IntendAsync(string intent, string type, CancellationToken cancellationToken = default) =>
        IsFull ? throw new ReplicaStateException($"{intent} cannot be recorded.") : Add(Intents, intent);

    public ValueTask CreatedAsync(string intent, string type, string id, CancellationToken cancellationToken = default) => Add(Created, id);

    public ValueTask KeptAsync(string id, CancellationToken cancellationToken = default) => Add(Kept, id);

    public ValueTask DeletedAsync(string id, CancellationToken cancellationToken = default) => Add(Deleted, id);

    private static ValueTask Add(ConcurrentQueue<string> queue, string value)
    {
        queue.Enqueue(value);
        return ValueTask.CompletedTask;
    }
}
