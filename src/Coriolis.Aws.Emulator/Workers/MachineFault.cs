namespace Coriolis.Aws.Emulator.Workers;

/// <summary>What is wrong with a machine, from its launch on.</summary>
/// <param name="Kind">The fault.</param>
/// <param name="AfterBytes">For faults in the middle of things: how much the machine reads of its volumes before.</param>
internal sealed record MachineFault(FaultKind Kind, long AfterBytes)
{
    public static bool IsOfMachine(FaultKind kind) => kind is FaultKind.NoBoot or FaultKind.NoSshServer or FaultKind.WrongHostKey or FaultKind.ClosedPorts
        or FaultKind.MachineFailure or FaultKind.MachineReboot or FaultKind.ConnectionReset or FaultKind.SlowDisk;
}
