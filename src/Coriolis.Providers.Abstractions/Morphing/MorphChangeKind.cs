namespace Coriolis.Providers;

/// <summary>What kind of change a morpher made.</summary>
public enum MorphChangeKind
{
    /// <summary>A file was created or its contents changed.</summary>
    FileWritten = 0,

    /// <summary>A file, link or directory was removed.</summary>
    FileRemoved,

    /// <summary>A package was removed.</summary>
    PackageRemoved,

    /// <summary>A service was disabled.</summary>
    ServiceDisabled,
}
