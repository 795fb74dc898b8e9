using Coriolis.Providers;
using Coriolis.Storage;

namespace Coriolis.Replication;

/// <summary>What the journals of a replica said when they were read. While its lock is held, only the holder changes them.</summary>
internal sealed class Journals
{
    private readonly IReadOnlyList<(string ExecutionId, JournalReplay Replay)> _all;

    private Journals(IReadOnlyList<(string ExecutionId, JournalReplay Replay)> all) => _all = all;

    /// <summary>Every execution that has a journal.</summary>
    public IEnumerable<string> Executions => _all.Select(journal => journal.ExecutionId);

    /// <summary>Executions that may have to be recorded as ended: they were not yet, or nothing of them is left and the journal may go.</summary>
    public IEnumerable<string> Unended => _all.Where(journal => !journal.Replay.HasEnded || journal.Replay.IsSettled).Select(journal => journal.ExecutionId);

    /// <summary>Executions of which something is neither gone nor kept.</summary>
    public IReadOnlySet<string> Unsettled => _all.Where(journal => !journal.Replay.IsSettled).Select(journal => journal.ExecutionId).ToHashSet();

    /// <summary>The ids that unsettled executions created, where all of them are known: one with an attempt of unknown outcome may have created more.</summary>
    public IReadOnlyDictionary<string, IReadOnlySet<string>> CreatedIds => _all
        .Where(journal => !journal.Replay.IsSettled && journal.Replay.UnknownIntents.Count == 0)
        .ToDictionary(journal => journal.ExecutionId, journal => journal.Replay.Created);

    /// <summary>Instances that executions stopped and neither started again nor left stopped on purpose.</summary>
    public IReadOnlyList<StoppedInstance> StoppedInstances =>
        [.. _all.SelectMany(journal => journal.Replay.StoppedInstances.Select(stopped => new StoppedInstance(stopped.Id, journal.ExecutionId, stopped.At)))];

    /// <summary>Reads the journals in the folder of a replica, with its lock or without.</summary>
    public static Journals Read(string replicaDirectory)
    {
        var directory = Path.Combine(replicaDirectory, ReplicaFolder.JournalName);
        DurableFile.ThrowIfLinked(directory);
        var all = new List<(string ExecutionId, JournalReplay Replay)>();
        var paths = Directory.Exists(directory) ? Directory.EnumerateFiles(directory, "*" + ReplicaFolder.JournalSuffix) : [];
        foreach (var path in paths)
        {
            if (TryRead(path) is { } replay)
            {
                all.Add((Path.GetFileNameWithoutExtension(path), replay));
            }
        }

        return new Journals(all);
    }

    /// <summary>
    /// Finds the execution that was the last one and whose process died before it released its capture. One that stopped its
    /// instance is not among them: the instance is started again, so that the capture is not the final state any more.
    /// </summary>
    /// <param name="within">How long ago it may have begun.</param>
    /// <param name="now">The time.</param>
    /// <returns>Its id and the ids that it created; <see langword="null"/> when there is none.</returns>
    public (string ExecutionId, IReadOnlyList<string> Created)? FindInterrupted(TimeSpan within, DateTimeOffset now)
    {
        if (within == TimeSpan.Zero)
        {
            return null;
        }

        var found = _all
            .Where(journal => journal.Replay is { HasEnded: false, IsSettled: false, StoppedInstance: false } && now - journal.Replay.StartedAt <= within)
            .OrderBy(journal => journal.Replay.StartedAt)
            .LastOrDefault();
        return found.ExecutionId is null ? null : (found.ExecutionId, [.. found.Replay.Open.Keys]);
    }

    // An execution that leaves nothing behind removes its journal, also while this reads.
    private static JournalReplay? TryRead(string path)
    {
        try
        {
            return JournalReplay.Read(path);
        }
        catch (FileNotFoundException)
        {
            return null;
        }
    }
}
