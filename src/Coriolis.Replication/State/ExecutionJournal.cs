using System.Text;
using Coriolis.Providers;
using Coriolis.Storage;
using Microsoft.Win32.SafeHandles;

namespace Coriolis.Replication;

/// <summary>The journal of one execution: a file that grows by one checksummed line per event and is flushed after each.</summary>
internal sealed class ExecutionJournal : IResourceJournal, IDisposable
{
    private readonly SemaphoreSlim _turn = new(1);
    private readonly JournalReplay _replay = new();
    private readonly TimeProvider _timeProvider;
    private readonly SafeFileHandle _file;
    private readonly string _path;
    private long _length;

    public ExecutionJournal(string path, TimeProvider timeProvider)
    {
        _path = path;
        _timeProvider = timeProvider;
        _file = DurableFile.Create(path, FileMode.CreateNew);
        DurableFile.FlushDirectory(Path.GetDirectoryName(path)!);
    }

    public ValueTask IntendAsync(string intent, string type, CancellationToken cancellationToken = default) =>
        AppendAsync(new JournalRecord(JournalEvent.Intended, _timeProvider.GetUtcNow(), intent, type), cancellationToken);

    public ValueTask CreatedAsync(string intent, string type, string id, CancellationToken cancellationToken = default) =>
        AppendAsync(new JournalRecord(JournalEvent.Created, _timeProvider.GetUtcNow(), intent, type, id), cancellationToken);

    public ValueTask KeptAsync(string id, CancellationToken cancellationToken = default) =>
        AppendAsync(new JournalRecord(JournalEvent.Kept, _timeProvider.GetUtcNow(), Id: id), cancellationToken);

    public ValueTask DeletedAsync(string id, CancellationToken cancellationToken = default) =>
        AppendAsync(new JournalRecord(JournalEvent.Deleted, _timeProvider.GetUtcNow(), Id: id), cancellationToken);

    /// <summary>Closes the journal, and removes it when nothing that it records is left over.</summary>
    public void Dispose()
    {
        _file.Dispose();
        _turn.Dispose();
        if (_replay.IsSettled)
        {
            File.Delete(_path);
        }
    }

    private async ValueTask AppendAsync(JournalRecord record, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            var line = Encoding.UTF8.GetBytes(JournalReplay.Format(record));
            RandomAccess.Write(_file, line, _length);
            RandomAccess.FlushToDisk(_file);
            _length += line.Length;
            _replay.Apply(record);
        }
        catch (Exception e) when (StateErrors.IsAboutFiles(e))
        {
            throw StateErrors.Failed(_path, e);
        }
        finally
        {
            _turn.Release();
        }
    }
}
