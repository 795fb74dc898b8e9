using System.Text.Json;

namespace Coriolis.Cli.Tests;

/// <summary>One run of the tool inside the test process.</summary>
internal sealed record CliRun(int ExitCode, string Output, string Error)
{
    /// <summary>Standard output, which must be exactly one JSON document.</summary>
    public JsonElement Json => JsonDocument.Parse(Output).RootElement;

    public static Task<CliRun> OfAsync(params string[] args) => OfAsync(args, TimeProvider.System, CancellationToken.None);

    public static async Task<CliRun> OfAsync(string[] args, TimeProvider timeProvider, CancellationToken cancellationToken)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var terminal = new Terminal(output, error);
        var exitCode = await new App(terminal, timeProvider).RunAsync(args, cancellationToken);
        return new CliRun(exitCode, output.ToString(), error.ToString());
    }
}
