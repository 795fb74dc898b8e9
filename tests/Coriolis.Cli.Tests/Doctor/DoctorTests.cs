using Coriolis.Aws.Emulator;

namespace Coriolis.Cli.Tests;

public sealed class DoctorTests : AccountTests
{
    [Test]
    public async Task Doctor_AWorkingAccount_FindsNothingToSolve()
    {
        await Account.LaunchAsync("web");

        var run = await Account.RunAsync("doctor");

        Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Done), run.Output + run.Error);
        Assert.That(run.Output, Does.Contain("ok       credentials").And.Contain("will work"));
        Assert.That(await Account.ListSnapshotsAsync(), Is.Empty);
    }

    [Test]
    public async Task Doctor_WrongCredentials_FailsWithARemedy()
    {
        var run = await Account.RunAsync("doctor", "--profile", AwsEnvironment.WrongProfile);

        Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Failed));
        Assert.That(run.Output, Does.Contain("failed   credentials").And.Contain("1 problem to solve"));
    }

    [Test]
    public async Task Doctor_AMissingPermission_NamesTheAction()
    {
        await Account.LaunchAsync("web");
        Account.Faults.Add(new FaultRule { Operation = "ec2:CreateSnapshots", Kind = FaultKind.AccessDenied });

        var run = await Account.RunAsync("doctor");

        Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Failed), run.Output);
        Assert.That(run.Output, Does.Match("(?m)^failed .*CreateSnapshots"));
    }
}
