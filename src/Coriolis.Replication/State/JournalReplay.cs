using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Coriolis.Replication;

/// <summary>What the journal of an execution says about the resources that it created.</summary>
internal sealed class JournalReplay
{
    private readonly Dictionary<string, string> _unknownIntents = [];
    private readonly Dictionary<string, string> _open = [];

    /// <summary>Attempts to create something of which it is not known whether they succeeded, with the type.</summary>
    public IReadOnlyDictionary<string, string> UnknownIntents => _unknownIntents;

    /// <summary>Ids of resources that exist and were not meant to, with the type.</summary>
    public IReadOnlyDictionary<string, string> Open => _open;

    /// <summary>Whether everything that was created is gone, or kept on purpose.</summary>
    public bool IsSettled => _open.Count == 0 && _unknownIntents.Count == 0;

    public void Apply(JournalRecord record)
    {
        switch (record)
        {
            case { Event: JournalEvent.Intended, Intent: { } intent, Type: { } type }:
                _unknownIntents[intent] = type;
                break;
            case { Event: JournalEvent.Created, Intent: { } intent, Type: { } type, Id: { } id }:
                _unknownIntents.Remove(intent);
                _open[id] = type;
                break;
            case { Event: JournalEvent.Kept or JournalEvent.Deleted, Id: { } id }:
                _open.Remove(id);
                break;
        }
    }

    /// <summary>Reads a journal up to its end, or to the line that a crash tore.</summary>
    public static JournalReplay Read(string path)
    {
        var replay = new JournalReplay();
        foreach (var line in File.ReadLines(path))
        {
            if (!TryParse(line, out var record))
            {
                break;
            }

            replay.Apply(record);
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
