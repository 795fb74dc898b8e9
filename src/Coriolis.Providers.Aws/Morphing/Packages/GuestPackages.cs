namespace Coriolis.Providers.Aws.Morphing.Packages;

/// <summary>Chooses the package manager of a guest.</summary>
internal static class GuestPackages
{
    public static IGuestPackages? For(IGuestRoot guest, GuestOs os) => os.PackageSystem switch
    {
        GuestPackageSystem.Dpkg => new DpkgPackages(guest),
        GuestPackageSystem.Rpm => new RpmPackages(guest),
        GuestPackageSystem.Apk => new ApkPackages(guest),
        GuestPackageSystem.Pacman => new PacmanPackages(guest),
        _ => null,
    };
}
