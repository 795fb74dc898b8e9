namespace Coriolis.Cli;

internal sealed class DoctorCommand() : CliCommand("doctor", "Doctor.", hasJson: false, "doctor")
{
    public override Task<int> RunAsync(Invocation invocation, CancellationToken cancellationToken) =>
        throw new NotSupportedException("Not connected yet.");
}
