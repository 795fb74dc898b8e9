namespace Coriolis.Cli.Tests;

/// <summary>How a run ends at a change of a file.</summary>
public enum CrashKind
{
    /// <summary>The process is gone just before the change.</summary>
    Kill,

    /// <summary>The process is gone after half of the change, when it is a write.</summary>
    Torn,

    /// <summary>The process is gone just before the change, and so is everything written that was not synchronised.</summary>
    Power,
}
