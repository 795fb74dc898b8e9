using Coriolis.Destinations.Conformance;
using Coriolis.Providers;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Coriolis.Replication.Tests;

internal sealed class ReplicationServiceCollectionExtensionsTests
{
    [Test]
    public void AddCoriolisReplication_BareServices_ResolvesPipelineVerifierAndStore()
    {
        using var services = new ServiceCollection()
            .AddSingleton<IReplicaSourceProvider>(new FakeSource())
            .AddSingleton<IDestinationWriter>(new InMemoryDestination())
            .AddCoriolisReplication(options => options.StateDirectory = "state")
            .BuildServiceProvider(validateScopes: true);

        Assert.That(services.GetRequiredService<ReplicaPipeline>(), Is.Not.Null);
        Assert.That(services.GetRequiredService<ReplicaVerifier>(), Is.Not.Null);
        Assert.That(services.GetRequiredService<ReplicaStateStore>(), Is.Not.Null);
    }

    [Test]
    public async Task AddCoriolisReplication_KeyedSources_EachPipelineUsesItsOwn()
    {
        var folder = Directory.CreateTempSubdirectory("coriolis-keyed-").FullName;
        try
        {
            await using var services = new ServiceCollection()
                .AddKeyedSingleton<IReplicaSourceProvider>("east", new FakeSource("i-east"))
                .AddKeyedSingleton<IReplicaSourceProvider>("west", new FakeSource("i-west"))
                .AddSingleton<IDestinationWriter>(new InMemoryDestination())
                .AddCoriolisReplication(options => options.StateDirectory = folder)
                .BuildServiceProvider(validateScopes: true);

            var report = await services.GetRequiredKeyedService<ReplicaPipeline>("west").RunAsync(new ReplicationRequest { Instance = "web" });

            Assert.That(report.InstanceId, Is.EqualTo("i-west"));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Test]
    public void AddCoriolisReplication_InvalidOptions_AreAllReportedAtStart()
    {
        using var services = new ServiceCollection()
            .AddCoriolisReplication(options =>
            {
                options.ChunkSize = 1000;
                options.MemoryBudgetBytes = 1;
                options.MaxReadsPerDisk = 0;
                options.StopTimeout = TimeSpan.FromSeconds(-1);
                options.ResumePointInterval = TimeSpan.FromSeconds(-1);
                options.ResumeWithin = TimeSpan.FromDays(8);
            })
            .BuildServiceProvider();

        var exception = Assert.Throws<OptionsValidationException>(services.GetRequiredService<IStartupValidator>().Validate)!;

        foreach (var name in typeof(ReplicationOptions).GetProperties().Select(property => property.Name))
        {
            Assert.That(exception.Message, Does.Contain(name));
        }
    }

    [Test]
    public void ReplicationOptions_Defaults_AreValid()
    {
        using var services = new ServiceCollection()
            .AddCoriolisReplication(options => options.StateDirectory = "state")
            .BuildServiceProvider();

        Assert.That(services.GetRequiredService<IStartupValidator>().Validate, Throws.Nothing);
    }
}
