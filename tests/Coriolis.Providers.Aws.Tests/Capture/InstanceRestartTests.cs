using Amazon.KeyManagementService.Model;
using Coriolis.Aws.Emulator;
using Coriolis.Providers.Aws.Tests.Support;

namespace Coriolis.Providers.Aws.Tests.Capture;

/// <summary>What was shut down runs again after a failure, or it is said that it does not.</summary>
public sealed class InstanceRestartTests
{
    private TestAccount _account = null!;
    private string _key = null!;
    private string _instanceId = null!;

    [SetUp]
    public async Task StartAsync()
    {
        _account = await TestAccount.StartAsync(emulator: static emulator => emulator.Delays = EmulatorDelays.Realistic);
        _key = (await _account.Kms.CreateKeyAsync(new CreateKeyRequest())).KeyMetadata.KeyId;
        _instanceId = await _account.LaunchAsync("web", adjust: request => request.BlockDeviceMappings.ForEach(mapping =>
        {
            mapping.Ebs.Encrypted = true;
            mapping.Ebs.KmsKeyId = _key;
        }));
        _account.Clock.Advance(TimeSpan.FromMinutes(1));
    }

    [TearDown]
    public async Task StopAsync() => await _account.DisposeAsync();

    [Test]
    public async Task ReleaseAsync_FailedWithShutDown_EndsWhenTheInstanceRuns()
    {
        var capture = await CaptureAsync(_account.Provider, new RecordingJournal());

        var leftovers = await capture.ReleaseAsync(CaptureOutcome.Failed);

        Assert.That(leftovers, Is.Empty);
        Assert.That(await _account.StateOfAsync(_instanceId), Is.EqualTo("running"));
    }

    [Test]
    public async Task ReleaseAsync_KeyCannotBeUsedAnyMore_SaysThatTheInstanceDidNotStartAndLeavesItToASweep()
    {
        var journal = new RecordingJournal();
        var stoppedAt = _account.Clock.GetUtcNow();
        var capture = await CaptureAsync(_account.Provider, journal);
        await _account.Kms.DisableKeyAsync(new DisableKeyRequest { KeyId = _key });

        var leftovers = await capture.ReleaseAsync(CaptureOutcome.Failed);

        Assert.That(leftovers.Select(left => left.Id), Is.EqualTo(new[] { _instanceId }));
        Assert.That(leftovers[0].Why, Does.Contain("Client.InternalError").And.Contain("kms:CreateGrant"));
        Assert.That(journal.Deleted, Does.Not.Contain(_instanceId));
        Assert.That(await _account.StateOfAsync(_instanceId), Is.EqualTo("stopped"));
        await _account.Kms.EnableKeyAsync(new EnableKeyRequest { KeyId = _key });
        var report = await _account.Provider.SweepAsync(new SweepRequest { StoppedInstances = [new StoppedInstance(_instanceId, "e1", stoppedAt)] });
        Assert.That(report.Resources.Single(resource => resource.Id == _instanceId).Action, Is.EqualTo(SweepAction.Removed));
        Assert.That(await _account.StateOfAsync(_instanceId), Is.EqualTo("running"));
    }

    private async Task<ISourceCapture> CaptureAsync(IReplicaSourceProvider provider, RecordingJournal journal) => await provider.CaptureAsync(
        await provider.GetInstanceAsync(_instanceId),
        new CaptureRequest { ExecutionId = "e1", ReplicaId = "r1", OwnerId = "o1", ShutDown = true, Journal = journal });
}
