using System.Text.Json.Serialization;

namespace Coriolis.Replication;

/// <summary>What a line of a journal records.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<JournalEvent>))]
internal enum JournalEvent
{
    Unknown = 0,
    Intended,
    Created,
    Kept,
    Deleted,
}
