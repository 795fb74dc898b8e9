using System.Text.Json.Serialization;

namespace Coriolis.Destinations;

/// <summary>How far a raw disk is.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<RawMarkerState>))]
internal enum RawMarkerState
{
    /// <summary>An execution has written since the last commit.</summary>
    Dirty = 0,

    /// <summary>Created, and nothing written yet.</summary>
    New,

    /// <summary>As it was committed.</summary>
    Clean,
}
