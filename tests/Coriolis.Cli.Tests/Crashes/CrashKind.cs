namespace Coriolis.Cli.Tests;

/// <summary>How a run ends at a change of a file, or at a message.</summary>
public enum CrashKind
{
    /// <summary>The process is gone just before the change.</summary>
    Kill,

    /// <summary>The process is gone after half of the change, when it is a write.</summary>
    Torn,

    /// <summary>The process is gone just before the change, and so is everything written that was not synchronised.</summary>
    Power,

    /// <summary>The process is gone just before it sends something to AWS or to a worker; changes of files do not count.</summary>
    Message,
}
