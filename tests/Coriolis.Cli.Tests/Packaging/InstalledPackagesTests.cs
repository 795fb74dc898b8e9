using System.Security.Cryptography;
using Coriolis.Aws.Emulator;

namespace Coriolis.Cli.Tests.Packaging;

/// <summary>The packages as a program outside this tree has them: the host of the README, built against what was packed.</summary>
[CancelAfter(300_000)]
public sealed class InstalledPackagesTests
{
    private TemporaryFolder _places = null!;
    private OutsideProject _host = null!;

    [OneTimeSetUp]
    public async Task BuildAsync()
    {
        _places = new TemporaryFolder();
        _host = await OutsideProject.BuildAsync(_places.Create("replicas"), _places["state"]);
    }

    [OneTimeTearDown]
    public void Remove()
    {
        _host?.Dispose();
        _places.Dispose();
    }

    [Test]
    public void Output_OfTheHost_HasTheAgentsAndLibrariesThatWerePacked()
    {
        using var package = PackedSolution.Open("Coriolis.Providers.Aws");
        Assert.Multiple(() =>
        {
            foreach (var (entry, file) in new[]
                     {
                         ("agent/linux-x64/coriolis-worker", "agent/linux-x64/coriolis-worker"),
                         ("agent/linux-arm64/coriolis-worker", "agent/linux-arm64/coriolis-worker"),
                         ("lib/net10.0/Coriolis.Providers.Aws.dll", "Coriolis.Providers.Aws.dll"),
                     })
            {
                using var packed = package.GetEntry(entry)!.Open();
                using var built = File.OpenRead(Path.Combine(_host.Output, file));
                Assert.That(SHA256.HashData(built), Is.EqualTo(SHA256.HashData(packed)), file);
            }
        });
    }

    [Test]
    public async Task Host_OverTheBlockApiAndThenThroughAWorker_ReplicatesTheInstance(CancellationToken cancellationToken)
    {
        var obstacle = await AwsEmulator.FindWorkerObstacleAsync(cancellationToken);
        await using var account = await EmulatedAccount.StartAsync(realWorkers: obstacle is null);
        var instance = await account.LaunchAsync("web-1", dataDisks: 0);
        var environment = new Dictionary<string, string>
        {
            ["AWS_ENDPOINT_URL"] = account.Endpoint.TrimEnd('/'),
            ["SOURCE_ENVIRONMENT"] = """{"worker_instance_type":"t3.medium","worker_allowed_cidr":"198.18.0.0/15"}""",
        };

        var full = await _host.RunAsync(environment, cancellationToken);

        Assert.That(full.ExitCode, Is.Zero, full.Output + full.Error);
        Assert.That(full.Output, Does.Contain($"{instance.RootId}: Committed, Full, "));
        await AssertEqualAsync(account, instance);
        if (obstacle is not null)
        {
            Assert.Inconclusive($"Only the block API was tried. {obstacle}");
        }

        // Where the block API may not be used the host takes a worker, for which it needs the agent of the package.
        account.Write(instance.RootId, 300 << 20, EmulatedAccount.Pattern(4, EmulatedAccount.Chunk));
        account.Faults.Add(new FaultRule { Operation = "ebs:*", Kind = FaultKind.AccessDenied });
        var incremental = await _host.RunAsync(environment, cancellationToken);

        Assert.That(incremental.ExitCode, Is.Zero, incremental.Output + incremental.Error);
        Assert.That(incremental.Output, Does.Contain($"{instance.RootId}: Committed, Incremental, {EmulatedAccount.Chunk} bytes written"));
        await AssertEqualAsync(account, instance);
        Assert.That(account.Calls.GetCounts(), Does.ContainKey("ec2:AttachVolume"));
    }

    private async Task AssertEqualAsync(EmulatedAccount account, TestInstance instance) => Assert.That(
        await FileComparison.FindDifferenceAsync(account.VolumePath(instance.RootId), Path.Combine(_places["replicas"], $"{instance.RootId}.raw")), Is.Null);
}
