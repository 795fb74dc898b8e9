namespace Coriolis.Aws.Emulator.Workers;

/// <summary>What is wrong with a machine.</summary>
/// <param name="Kind">The fault.</param>
/// <param name="AfterBytes">For faults in the middle of things: how much the machine reads of its volumes before.</param>
/// <param name="BytesPerSecond">For slow disks: their speed.</param>
internal sealed record MachineFault(FaultKind Kind, long AfterBytes, long BytesPerSecond)
{
    /// <summary>Whether it happens while the machine works, rather than being there from its launch on.</summary>
    public bool HappensLater => Kind is FaultKind.MachineFailure or FaultKind.MachineReboot or FaultKind.ConnectionReset || IsOfDisk;

    /// <summary>Whether it happens to the last of the machine's volumes.</summary>
    public bool IsOfDisk => Kind is FaultKind.UnreadableDisk or FaultKind.ShrunkenDisk or FaultKind.LostDisk;

    public static bool IsOfMachine(FaultKind kind) => kind is FaultKind.NoBoot or FaultKind.NoSshServer or FaultKind.WrongHostKey or FaultKind.ClosedPorts
        or FaultKind.MachineFailure or FaultKind.MachineReboot or FaultKind.ConnectionReset or FaultKind.SlowDisk or FaultKind.RefusedKey
        or FaultKind.AlteredUpload or FaultKind.UnreadableDisk or FaultKind.ShrunkenDisk or FaultKind.LostDisk;
}
