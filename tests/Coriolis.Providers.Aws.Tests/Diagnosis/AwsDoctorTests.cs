using Coriolis.Aws.Emulator;
using Coriolis.Providers.Aws.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace Coriolis.Providers.Aws.Tests.Diagnosis;

public sealed class AwsDoctorTests
{
    private static readonly string[] s_beforeAccount = ["credentials", "region", "endpoints"];

    private TestAccount _account = null!;

    [SetUp]
    public async Task StartAsync() => _account = await TestAccount.StartAsync();

    [TearDown]
    public async Task StopAsync() => await _account.DisposeAsync();

    [Test]
    public async Task DiagnoseAsync_HealthyAccount_FindsNothingWrongAndChangesNothing()
    {
        var id = await _account.LaunchAsync("web");
        var instance = await _account.Provider.GetInstanceAsync(id);
        await using var capture = await _account.Provider.CaptureAsync(instance, new CaptureRequest { ExecutionId = "e1", ReplicaId = "r1", OwnerId = "o1" });

        var findings = await DiagnoseAsync();

        Assert.Multiple(async () =>
        {
            Assert.That(findings.Values.Where(f => f.Verdict != DoctorVerdict.Ok), Is.Empty);
            Assert.That(findings.Keys, Is.SupersetOf(new[] { "credentials", "region", "ec2:CreateSnapshots", "ec2:DeleteSnapshot", "ebs:ListSnapshotBlocks", "kms:DescribeKey" }));
            Assert.That(findings["credentials"].Message, Does.Contain("123456789012"));
            Assert.That(findings["endpoints"].Message, Does.Match(@"^https?://127\.0\.0\.1:\d+/?\.$"));
            Assert.That(await _account.SnapshotsAsync(), Has.Count.EqualTo(2));
            Assert.That(await _account.StateOfAsync(id), Is.EqualTo("running"));
        });
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task DiagnoseAsync_CallerHasThePrintedPolicy_FindsNothingWrong(bool hasBaseline)
    {
        var instance = await _account.Provider.GetInstanceAsync(await _account.LaunchAsync("web"));
        await using var capture = hasBaseline ? await _account.Provider.CaptureAsync(instance, new() { ExecutionId = "e1", ReplicaId = "r1", OwnerId = "o1" }) : null;
        if (!hasBaseline)
            await _account.Ec2.CreateSnapshotAsync(new() { VolumeId = instance.Disks[0].Id });
        var policy = new AwsIamPolicy { ReadPath = ReadPath.Direct, Encrypted = true, ShutDown = true };
        await using var restricted = await _account.ConnectAsync(policy);

        var findings = await DiagnoseAsync(restricted.GetRequiredService<AwsDoctor>());

        Assert.Multiple(() =>
        {
            Assert.That(findings.Values.Where(f => f.Verdict == DoctorVerdict.Failed), Is.Empty);
            Assert.That(findings["ec2:CreateSnapshots"].Verdict, Is.EqualTo(DoctorVerdict.Ok));
            Assert.That(findings["ebs:ListSnapshotBlocks"].Verdict, Is.EqualTo(hasBaseline ? DoctorVerdict.Ok : DoctorVerdict.Skipped));
        });
    }

    [Test]
    public async Task DiagnoseAsync_CallerMayOnlyUseWorkers_SaysSoWithoutFailing()
    {
        var instance = await _account.Provider.GetInstanceAsync(await _account.LaunchAsync("web"));
        await using var capture = await _account.Provider.CaptureAsync(instance, new() { ExecutionId = "e1", ReplicaId = "r1", OwnerId = "o1" });
        await using var restricted = await _account.ConnectAsync(new AwsIamPolicy { ReadPath = ReadPath.Worker });

        var findings = await DiagnoseAsync(restricted.GetRequiredService<AwsDoctor>());

        Assert.That(findings.Values.Where(f => f.Verdict == DoctorVerdict.Failed), Is.Empty);
        Assert.That(findings["ebs:ListSnapshotBlocks"], Has.Property("Verdict").EqualTo(DoctorVerdict.Warning).And.Property("Message").Contains("through workers"));
    }

    [Test]
    public async Task DiagnoseAsync_EmptyAccount_SkipsWhatCannotBeTried()
    {
        var findings = await DiagnoseAsync();

        Assert.Multiple(() =>
        {
            Assert.That(findings["ec2:DescribeInstances"].Verdict, Is.EqualTo(DoctorVerdict.Warning));
            Assert.That(findings["ec2:CreateSnapshots"].Verdict, Is.EqualTo(DoctorVerdict.Skipped));
            Assert.That(findings["ebs:ListSnapshotBlocks"].Verdict, Is.EqualTo(DoctorVerdict.Skipped));
        });
    }

    [Test]
    public async Task DiagnoseAsync_MissingPermissions_NamesEachWithItsRemedy()
    {
        await _account.LaunchAsync("web");
        _account.Fail("ec2:CreateSnapshots", FaultKind.AccessDenied);
        _account.Fail("ec2:StopInstances", FaultKind.AccessDenied);
        _account.Fail("kms:DescribeKey", FaultKind.AccessDenied);

        var findings = await DiagnoseAsync();

        Assert.Multiple(() =>
        {
            Assert.That(findings["ec2:CreateSnapshots"], Has.Property("Verdict").EqualTo(DoctorVerdict.Failed).And.Property("Remedy").Contains("ec2:CreateSnapshots"));
            Assert.That(findings["ec2:StopInstances"].Verdict, Is.EqualTo(DoctorVerdict.Warning));
            Assert.That(findings["kms:DescribeKey"].Verdict, Is.EqualTo(DoctorVerdict.Warning));
        });
    }

    [Test]
    public async Task DiagnoseAsync_ExpiredSession_StopsThere()
    {
        _account.Fail("sts:GetCallerIdentity", FaultKind.ExpiredCredentials);

        var findings = await DiagnoseAsync();

        Assert.That(findings["credentials"], Has.Property("Verdict").EqualTo(DoctorVerdict.Failed).And.Property("Remedy").Contains("aws sso login"));
        Assert.That(findings.Keys, Is.EquivalentTo(s_beforeAccount));
    }

    [Test]
    public async Task ValidateConnectionAsync_GoodConnection_Completes() => await _account.Provider.ValidateConnectionAsync();

    [Test]
    public void ValidateConnectionAsync_AccessDenied_SaysSo()
    {
        _account.Fail("ec2:DescribeInstances", FaultKind.AccessDenied);

        Assert.ThrowsAsync<SourceAccessDeniedException>(() => _account.Provider.ValidateConnectionAsync());
    }

    private Task<Dictionary<string, DoctorFinding>> DiagnoseAsync() => DiagnoseAsync(_account.Doctor);

    private static async Task<Dictionary<string, DoctorFinding>> DiagnoseAsync(AwsDoctor doctor)
    {
        var findings = new Dictionary<string, DoctorFinding>();
        await foreach (var finding in doctor.DiagnoseAsync())
        {
            findings[finding.Check] = finding;
        }

        return findings;
    }
}
