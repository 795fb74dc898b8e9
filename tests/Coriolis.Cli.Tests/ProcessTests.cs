using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Coriolis.Aws.Emulator;

namespace Coriolis.Cli.Tests;

/// <summary>The built executable as a process of its own: exit codes, streams and signals.</summary>
[CancelAfter(60_000)]
public sealed partial class ProcessTests : AccountTests
{
    [Test]
    public async Task Process_WithJson_PrintsTheObjectOnly(CancellationToken cancellationToken)
    {
        var instance = await Account.LaunchAsync("web");

        using var process = Start("replicate", "web", "--to", Account.To, "--state", Account.State, "--json", "--verbose");
        var run = await process.WaitAsync(cancellationToken);

        Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Done), run.Error);
        Assert.That(run.Json.GetProperty("instanceId").GetString(), Is.EqualTo(instance.Id));
        Assert.That(run.Error, Does.Contain("transfer"));
    }

    [Test]
    public async Task Process_WithEnvironmentOnly_ReachesTheEndpoint(CancellationToken cancellationToken)
    {
        var instance = await Account.LaunchAsync("web");
        var environment = new Dictionary<string, string>(AwsEnvironment.Variables)
        {
            ["AWS_REGION"] = EmulatedAccount.Region,
            ["AWS_ENDPOINT_URL"] = Account.Endpoint,
        };

        using var process = ChildProcess.OfTool(["replicate", "web", "--to", Account.To, "--state", Account.State, "--json"], environment);
        var run = await process.WaitAsync(cancellationToken);

        Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Done), run.Error);
        await Account.AssertReplicaEqualsSourceAsync(instance);
    }

    [Test]
    public async Task Process_WithEndpointsPerService_ReachesThem(CancellationToken cancellationToken)
    {
        await Account.LaunchAsync("web");
        var environment = new Dictionary<string, string>(AwsEnvironment.Variables)
        {
            ["AWS_REGION"] = EmulatedAccount.Region,
            ["AWS_ENDPOINT_URL_EC2"] = Account.Endpoint,
            ["AWS_ENDPOINT_URL_EBS"] = Account.Endpoint,
            ["AWS_ENDPOINT_URL_KMS"] = Account.Endpoint,
            ["AWS_ENDPOINT_URL_STS"] = Account.Endpoint,
        };

        using var process = ChildProcess.OfTool(["replicate", "web", "--to", Account.To, "--state", Account.State, "--json"], environment);
        var run = await process.WaitAsync(cancellationToken);

        Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Done), run.Error);
    }

    [TestCase("replicate", 2)]
    [TestCase("inspect no-such-name", 3)]
    [TestCase("inspect no-such-name --profile wrong", 1)]
    [TestCase("instances", 0)]
    public async Task Process_AnyOutcome_EndsWithTheDocumentedExitCode(string commandLine, int expected, CancellationToken cancellationToken)
    {
        using var process = Start(commandLine.Split(' '));
        var run = await process.WaitAsync(cancellationToken);

        Assert.That(run.ExitCode, Is.EqualTo(expected), run.Error);
    }

    [TestCase("INT")]
    [TestCase("TERM")]
    public async Task Process_SignalledDuringATransfer_ReleasesAndEndsWith130(string signal, CancellationToken cancellationToken)
    {
        await Account.LaunchAsync("web");
        Account.Faults.Add(new FaultRule { Operation = "ebs:GetSnapshotBlock", Kind = FaultKind.Hang });

        using var process = Start("replicate", "web", "--to", Account.To, "--state", Account.State, "--json");
        await process.WaitForErrorLineAsync("transfer", cancellationToken);
        await SignalAsync(process, signal, cancellationToken);
        var run = await process.WaitAsync(cancellationToken);

        Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Cancelled), run.Error);
        Assert.That(() => JsonDocument.Parse(run.Output), Throws.Nothing);
        Assert.That(await Account.ListSnapshotsAsync(), Is.Empty);
    }

    [Test]
    public async Task Process_InterruptedWhileItReleases_EndsAtOnce(CancellationToken cancellationToken)
    {
        await Account.LaunchAsync("web");
        Account.Faults.Add(new FaultRule { Operation = "ebs:GetSnapshotBlock", Kind = FaultKind.Hang });
        Account.Faults.Add(new FaultRule { Operation = "ec2:DeleteSnapshot", Kind = FaultKind.Hang });

        using var process = Start("replicate", "web", "--to", Account.To, "--state", Account.State);
        await process.WaitForErrorLineAsync("transfer", cancellationToken);
        await SignalAsync(process, "INT", cancellationToken);
        await Account.Calls.WaitForAsync(call => call.Operation == "DeleteSnapshot", cancellationToken);
        await SignalAsync(process, "INT", cancellationToken);
        var run = await process.WaitAsync(cancellationToken);

        Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Cancelled), run.Error);
        Assert.That(await Account.ListSnapshotsAsync(), Has.Count.EqualTo(2), "The second signal does not wait for the release.");
    }

    [Test]
    public async Task Process_OnATerminal_ShowsABarPerDisk(CancellationToken cancellationToken)
    {
        var instance = await Account.LaunchAsync("web");
        Account.Write(instance.DataIds[0], 0, EmulatedAccount.Pattern(1, 2 * EmulatedAccount.Chunk));
        // Long enough for the screen to be drawn on a busy machine while both disks are being transferred.
        Account.Faults.Add(new FaultRule { Operation = "ebs:GetSnapshotBlock", Kind = FaultKind.Delay, Duration = TimeSpan.FromSeconds(3) });
        string[] command = [ChildProcess.ToolPath, "replicate", "web", "--to", Account.To, "--state", Account.State, .. Account.Connection];
        var environment = new Dictionary<string, string>(AwsEnvironment.Variables) { ["TERM"] = "xterm-256color" };

        using var process = new ChildProcess("script", ["-qec", string.Join(' ', command), "/dev/null"], environment);
        var run = await process.WaitAsync(cancellationToken);

        Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Done), run.Output);
        var screen = Escape().Replace(run.Output, string.Empty);
        foreach (var volumeId in instance.VolumeIds)
        {
            Assert.That(screen, Does.Match($@"{volumeId} transfer +━{{10,}} +\d+% .*/s [-:\d]{{8}}"));
            Assert.That(screen, Does.Match($@"{volumeId} commit +━{{10,}} +100% +[\d.]+ (KiB|MiB) +00:00:00"));
        }
    }

    private static async Task SignalAsync(ChildProcess process, string signal, CancellationToken cancellationToken)
    {
        using var kill = new ChildProcess("kill", [$"-{signal}", process.Id.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitAsync(cancellationToken);
    }

    private ChildProcess Start(params string[] args) => ChildProcess.OfTool([.. args, .. Account.Connection]);

    [GeneratedRegex(@"\x1b\[[\d;?]*[A-Za-z]")]
    private static partial Regex Escape();
}
