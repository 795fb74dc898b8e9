namespace Coriolis.Cli;

internal sealed class EmulatorCommand() : CliCommand("emulator", "Emulator.", hasJson: false, "emulator")
{
    public override Task<int> RunAsync(Invocation invocation, CancellationToken cancellationToken) =>
        throw new NotSupportedException("Not connected yet.");
}
