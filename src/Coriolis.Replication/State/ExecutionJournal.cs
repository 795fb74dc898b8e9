using System.Text;
using Coriolis.Providers;
using Coriolis.Storage;
using Microsoft.Win32.SafeHandles;

namespace Coriolis.Replication;

/// <summary>The journal of one execution: a file that grows by one checksummed line per event and is flushed after each.</summary>
internal sealed class ExecutionJournal : IResourceJournal, IDisposable
{
    private readonly SemaphoreSlim _turn = new(1);
    private readonly JournalReplay _replay;
    private readonly TimeProvider _timeProvider;
    private readonly SafeFileHandle _file;
    private readonly string _path;
    private long _length;

    private ExecutionJournal(string path, JournalReplay replay, SafeFileHandle file, TimeProvider timeProvider)
    {
        _path = path;
        _replay = replay;
        _file = file;
        _length = replay.Length;
        _timeProvider = timeProvider;
    }

    /// <summary>Creates the journal of an execution that begins.</summary>
    public static ExecutionJournal Create(string path, TimeProvider timeProvider)
    {
        var file = DurableFile.CreateNew(path);
        DurableFile.FlushDirectory(Path.GetDirectoryName(path)!);
        return new ExecutionJournal(path, new JournalReplay(), file, timeProvider);
    }

    /// <summary>Opens the journal of an execution whose process died. A line that its end tore is cut off.</summary>
    public static ExecutionJournal Reopen(string path, TimeProvider timeProvider)
    {
        var replay = JournalReplay.Read(path);
        var file = DurableFile.Open(path, FileAccess.ReadWrite, FileShare.Read);
        RandomAccess.SetLength(file, replay.Length);
        return new ExecutionJournal(path, replay, file, timeProvider);
    }

    public ValueTask IntendAsync(string intent, string type, CancellationToken cancellationToken = default) =>
        AppendAsync(new JournalRecord(JournalEvent.Intended, _timeProvider.GetUtcNow(), intent, type), cancellationToken);

    public ValueTask CreatedAsync(string intent, string type, string id, CancellationToken cancellationToken = default) =>
        AppendAsync(new JournalRecord(JournalEvent.Created, _timeProvider.GetUtcNow(), intent, type, id), cancellationToken);

    public ValueTask KeptAsync(string id, CancellationToken cancellationToken = default) =>
        AppendAsync(new JournalRecord(JournalEvent.Kept, _timeProvider.GetUtcNow(), Id: id), cancellationToken);

    public ValueTask DeletedAsync(string id, CancellationToken cancellationToken = default) =>
        AppendAsync(new JournalRecord(JournalEvent.Deleted, _timeProvider.GetUtcNow(), Id: id), cancellationToken);

    /// <summary>Records that the execution is not to be continued.</summary>
    /// <param name="nothingLeft">
    /// Whether it is known that nothing of it is left. Else attempts whose outcome the process did not live to see stay open.
    /// </param>
    public async ValueTask EndAsync(bool nothingLeft = false)
    {
        if (nothingLeft)
        {
            _replay.Settle();
        }

        if (!_replay.HasEnded)
        {
            await AppendAsync(new JournalRecord(JournalEvent.Ended, _timeProvider.GetUtcNow()), CancellationToken.None).ConfigureAwait(false);
        }
    }

    /// <summary>The same after everything else: what cannot be recorded any more is found by the next execution, and hides no outcome.</summary>
    public async ValueTask TryEndAsync(bool nothingLeft = false)
    {
        try
        {
            await EndAsync(nothingLeft).ConfigureAwait(false);
        }
        catch (ReplicaStateException)
        {
            // The state directory is full or gone; whatever failed because of it has said so.
        }
    }

    /// <summary>Closes the journal, and removes it when nothing that it records is left over.</summary>
    public void Dispose()
    {
        _file.Dispose();
        _turn.Dispose();
        if (_replay.IsSettled)
        {
            StateErrors.TryDelete(_path);
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
