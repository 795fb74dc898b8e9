namespace Coriolis.Worker;

/// <summary>What is known of a chunk.</summary>
internal enum ChunkState : byte
{
    Unknown = 0,
    Data,
    Zero,
    Unreadable,
}
