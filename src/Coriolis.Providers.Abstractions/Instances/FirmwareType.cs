namespace Coriolis.Providers;

/// <summary>The firmware that an instance boots with.</summary>
public enum FirmwareType
{
    /// <summary>Legacy BIOS.</summary>
    Bios = 0,

    /// <summary>UEFI.</summary>
    Uefi,
}
