using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Coriolis.Providers;
using Coriolis.Storage;

namespace Coriolis.Replication;

/// <summary>What the journal of an execution says about the resources that it created.</summary>
internal sealed class JournalReplay
{
    private readonly Dictionary<string, string> _unknownIntents = [];
    private readonly Dictionary<string, string> _open = [];
    private readonly HashSet<string> _created = [];
    private readonly Dictionary<string, DateTimeOffset> _stoppedAt = [];

    /// <summary>Attempts to create something of which it is not known whether they succeeded, with the type.</summary>
    public IReadOnlyDictionary<string, string> UnknownIntents => _unknownIntents;

    /// <summary>Ids of resources that exist and were not meant to, with the type.</summary>
    public IReadOnlyDictionary<string, string> Open => _open;

    /// <summary>Every id that was created, whether it is gone or not.</summary>
    public IReadOnlySet<string> Created => _created;

    /// <summary>Instances that were stopped and neither started again nor left stopped on purpose.</summary>
    public IEnumerable<(string Id, DateTimeOffset At)> StoppedInstances => _stoppedAt.Where(stopped => _open.ContainsKey(stopped.Key)).Select(stopped => (stopped.Key, stopped.Value));

    /// <summary>When the execution began; <see langword="null"/> for an empty journal.</summary>
    public DateTimeOffset? StartedAt { get; private set; }

    /// <summary>Whether the execution released its capture, or a later one gave it up.</summary>
    public bool HasEnded { get; private set; }

    /// <summary>Whether the execution stopped its instance, wherever that led.</summary>
    public bool StoppedInstance => _stoppedAt.Count > 0;

    /// <summary>Bytes up to the end of the last whole line.</summary>
    public long Length { get; private set; }

    /// <summary>Whether everything that was created is gone, or kept on purpose.</summary>
    public bool IsSettled => _open.Count == 0 && _unknownIntents.Count == 0;

    public void Apply(JournalRecord record)
    {
        StartedAt ??= record.At;
        switch (record)
        {
            case { Event: JournalEvent.Intended, Intent: { } intent, Type: { } type }:
                _unknownIntents[intent] = type;
                break;
            case { Event: JournalEvent.Created, Intent: { } intent, Type: { } type, Id: { } id }:
                _unknownIntents.Remove(intent);
                _open[id] = type;
                _created.Add(id);
                if (type == IResourceJournal.StoppedInstance)
                {
                    _stoppedAt[id] = record.At;
                }

                break;
            case { Event: JournalEvent.Kept or JournalEvent.Deleted, Id: { } id }:
                _open.Remove(id);
                break;
            case { Event: JournalEvent.Ended }:
                HasEnded = true;
                break;
        }
    }

    /// <summary>Takes everything for gone or kept.</summary>
    public void Settle()
    {
        _open.Clear();
        _unknownIntents.Clear();
    }

    /// <summary>Reads a journal up to its end, or to the line that a crash tore.</summary>
    /// <remarks>A line whose end is missing does not count: the call that it announces was not made.</remarks>
    public static JournalReplay Read(string path)
    {
        var replay = new JournalReplay();
        var text = Encoding.UTF8.GetString(DurableFile.ReadAllBytes(path));
        var start = 0;
        for (int end; (end = text.IndexOf('\n', start)) >= 0 && TryParse(text[start..end], out var record); start = end + 1)
        {
            replay.Apply(record);
            replay.Length += Encoding.UTF8.GetByteCount(text.AsSpan(start, end + 1 - start));
        }

        return replay;
    }

    public static string Format(JournalRecord record)
    {
        var json = JsonSerializer.Serialize(record, StateJson.Default.JournalRecord);
        return $"{Checksum(json)} {json}\n";
    }

    private static bool TryParse(string line, out JournalRecord record)
    {
        record = new JournalRecord(JournalEvent.Unknown, default);
        var space = line.IndexOf(' ', StringComparison.Ordinal);
        if (space < 0 || line[..space] != Checksum(line[(space + 1)..]))
        {
            return false;
        }

        record = JsonSerializer.Deserialize(line[(space + 1)..], StateJson.Default.JournalRecord) ?? record;
        return true;
    }

    // The first 64 bits tell a torn line from a whole one.
    private static string Checksum(string json) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(json)))[..16];
}
