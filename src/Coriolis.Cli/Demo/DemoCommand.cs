namespace Coriolis.Cli;

internal sealed class DemoCommand() : CliCommand("demo", "Demo.", hasJson: false, "demo")
{
    public override Task<int> RunAsync(Invocation invocation, CancellationToken cancellationToken) =>
        throw new NotSupportedException("Not connected yet.");
}
