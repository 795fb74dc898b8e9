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

    /// <summary>The execution released its capture, or a later one gave it up: it is not continued.</summary>
    Ended,
}
