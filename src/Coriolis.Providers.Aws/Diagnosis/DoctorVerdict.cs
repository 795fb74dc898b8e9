namespace Coriolis.Providers.Aws;

/// <summary>The outcome of one check.</summary>
public enum DoctorVerdict
{
    /// <summary>All is well.</summary>
    Ok = 0,

    /// <summary>Works, with something to know.</summary>
    Warning,

    /// <summary>Replication will not work.</summary>
    Failed,

    /// <summary>Could not be checked; the message says why.</summary>
    Skipped,
}
