namespace Coriolis.Providers;

/// <summary>The way in which the bytes of a captured disk are read.</summary>
public enum ReadPath
{
    /// <summary>The provider chooses.</summary>
    Auto = 0,

    /// <summary>Over the cloud's block API, straight from the snapshot.</summary>
    Direct,

    /// <summary>Through a temporary instance that has volumes made from the snapshots attached.</summary>
    Worker,
}
