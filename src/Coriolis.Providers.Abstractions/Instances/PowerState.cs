namespace Coriolis.Providers;

/// <summary>Whether an instance runs.</summary>
public enum PowerState
{
    /// <summary>The state is not one that this library knows.</summary>
    Unknown = 0,

    /// <summary>On its way to running.</summary>
    Starting,

    /// <summary>Running.</summary>
    Running,

    /// <summary>On its way to stopped.</summary>
    Stopping,

    /// <summary>Stopped; it can be started again.</summary>
    Stopped,

    /// <summary>Gone, or on its way to being gone; its disks may still exist.</summary>
    Terminated,
}
