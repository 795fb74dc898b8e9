namespace Coriolis.Providers;

/// <summary>The family of a guest's operating system.</summary>
public enum OsType
{
    /// <summary>None of the known families.</summary>
    Other = 0,

    /// <summary>Linux.</summary>
    Linux,

    /// <summary>Microsoft Windows.</summary>
    Windows,
}
