using System.Security.Cryptography;
using Coriolis.Aws.Emulator;

namespace Coriolis.Cli.Tests.Packaging;

/// <summary>The packages as a program outside this tree has them: the host of the README, built against what was packed.</summary>
[CancelAfter(300_000)]
public sealed class InstalledPackagesTests
{
    private OutsideProject _host = null!;

    [OneTimeSetUp]
    public async Task BuildAsync() => _host = await OutsideProject.BuildAsync();

    [OneTimeTearDown]
    public void Remove() => _host?.Dispose();

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
    public async Task Host_OverTheBlockApi_ReplicatesTheInstance(CancellationToken cancellationToken)
    {
        await using var account = await EmulatedAccount.StartAsync();

        await ReplicateAsync(account, cancellationToken);

        Assert.That(account.Calls.GetCounts(), Does.ContainKey("ebs:GetSnapshotBlock"));
    }

    [Test]
    public async Task Host_WhereTheBlockApiIsClosedOff_ReplicatesTheInstanceWithTheAgentOfThePackage(CancellationToken cancellationToken)
    {
        await using var workers = await WorkerAccount.StartAsync();
        workers.Account.Faults.Add(new FaultRule { Operation = "ebs:*", Kind = FaultKind.AccessDenied });

        var instance = await ReplicateAsync(workers.Account, cancellationToken);

        await workers.Account.AssertNothingLeftAsync(instance, baselines: true);
        Assert.That(await workers.CountWorkersAsync(), Is.EqualTo(1));
    }

    private async Task<TestInstance> ReplicateAsync(EmulatedAccount account, CancellationToken cancellationToken)
    {
        var instance = await account.LaunchAsync("web-1");
        account.Write(instance.DataIds[0], 300 << 20, EmulatedAccount.Pattern(4, EmulatedAccount.Chunk));
        var environment = new Dictionary<string, string>
        {
            ["AWS_ENDPOINT_URL"] = account.Endpoint.TrimEnd('/'),
            ["SOURCE_ENVIRONMENT"] = """{"worker_instance_type":"t3.medium","worker_allowed_cidr":"198.18.0.0/15"}""",
            ["REPLICAS"] = account.To,
            ["STATE"] = account.State,
        };

        var run = await _host.RunAsync(environment, cancellationToken);

        Assert.That(run.ExitCode, Is.Zero, run.Output + run.Error);
        Assert.That(run.Output, Does.Contain($"{instance.DataIds[0]}: Committed, Full, {EmulatedAccount.Chunk} bytes written"));
        await account.AssertReplicaEqualsSourceAsync(instance);
        return instance;
    }
}
