namespace Coriolis.Providers;

/// <summary>What is known about a range before it is read.</summary>
public enum ChunkKind
{
    /// <summary>Must be read; may turn out to be all zero.</summary>
    Data = 0,

    /// <summary>Reads as zeros; need not be read.</summary>
    Zero,
}
