namespace Coriolis.Providers;

/// <summary>The package database of a guest.</summary>
public enum GuestPackageSystem
{
    /// <summary>None that is known.</summary>
    None = 0,

    /// <summary>dpkg: Debian, Ubuntu and their derivatives.</summary>
    Dpkg,

    /// <summary>rpm: Red Hat, Amazon Linux, SUSE and their derivatives.</summary>
    Rpm,

    /// <summary>apk: Alpine.</summary>
    Apk,

    /// <summary>pacman: Arch.</summary>
    Pacman,
}
