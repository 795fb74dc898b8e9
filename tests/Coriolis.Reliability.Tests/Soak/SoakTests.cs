using System.Globalization;
using Coriolis.Destinations;
using Coriolis.Providers.Aws;
using Coriolis.Reliability.Tests.Schedules;
using Coriolis.Reliability.Tests.Support;
using Coriolis.Replication;
using Microsoft.Extensions.DependencyInjection;

namespace Coriolis.Reliability.Tests.Soak;

/// <summary>A host that replicates for months: many executions in one process. <c>CORIOLIS_SOAK=5000</c> runs more of them.</summary>
public sealed class SoakTests
{
    private const int WarmUp = 40;
    private const int OrdinaryExecutions = 120;

    // Pools of buffers are trimmed by collections: between looks as far apart as all executions they vary by megabytes.
    private const int ExecutionsPerLook = 10;

    // What pools hold varies by this nevertheless, however many executions there were.
    private const long PooledBytes = 2 << 20;
    private const int Pooled = 32;

    [Test]
    public async Task RunAsync_ManyExecutionsInOneProcess_HoldNoMoreThanTheFirst()
    {
        if (!OperatingSystem.IsLinux())
        {
            Assert.Ignore("What a process holds is read from /proc.");
        }

        using var folder = new TemporaryFolder();
        folder.Create("to");
        var clock = new SimulatedClock();
        var schedule = new FaultSchedule { Seed = 1, Disks = 2, RealisticDelays = false, Rounds = [] };
        await using var account = await ScheduleAccount.StartAsync(folder["account"], schedule, clock);
        await using var services = CreateServices(account, folder, clock);
        var executions = int.TryParse(Environment.GetEnvironmentVariable("CORIOLIS_SOAK"), CultureInfo.InvariantCulture, out var number)
            ? number
            : OrdinaryExecutions;

        await RunAsync(account, services, clock, WarmUp);
        var before = Holdings.Now();
        var after = before;
        for (var done = 0; done < executions; done += ExecutionsPerLook)
        {
            await RunAsync(account, services, clock, ExecutionsPerLook);
            after = Holdings.Now();
        }

        TestContext.Out.WriteLine($"soak: {executions} executions\n  before {before}\n  after  {after}");
        Assert.Multiple(() =>
        {
            Assert.That(after.ManagedBytes - before.ManagedBytes, Is.LessThan(PooledBytes));
            Assert.That(after.Handles, Is.LessThanOrEqualTo(before.Handles + Pooled));
            Assert.That(after.Sockets, Is.LessThanOrEqualTo(before.Sockets + Pooled));
            Assert.That(after.Threads, Is.LessThanOrEqualTo(before.Threads + Pooled));
        });
        Assert.That(await account.ListSnapshotsAsync(), Has.Count.EqualTo(account.VolumeIds.Count));
    }

    private static ServiceProvider CreateServices(ScheduleAccount account, TemporaryFolder folder, TimeProvider clock)
    {
        var services = new ServiceCollection();
        services.AddSingleton(clock);
        services.AddCoriolisAws(aws => aws
            .UseConnection(new AwsConnectionInfo
            {
                Region = ScheduleAccount.Region,
                AccessKeyId = account.Emulator.AccessKeyId,
                SecretAccessKey = account.Emulator.SecretAccessKey,
                EndpointUrl = account.Emulator.Endpoint,
            }));
        services.AddCoriolisReplication(options => options.StateDirectory = folder["state"]);
        services.AddRawDestination(options => options.Directory = folder["to"]);
        return services.BuildServiceProvider();
    }

    private static async Task RunAsync(ScheduleAccount account, ServiceProvider services, SimulatedClock clock, int executions)
    {
        for (var execution = 0; execution < executions; execution++)
        {
            account.Write(execution);

            // As far apart as EC2 wants the snapshots of a volume to be.
            clock.Advance(TimeSpan.FromMinutes(1));
            var report = await services.GetRequiredService<ReplicaPipeline>().RunAsync(new ReplicationRequest { Instance = account.InstanceId });
            Assert.That(report.Status, Is.EqualTo(ExecutionStatus.Succeeded), report.Disks[0].Error?.ToString());

            // The emulator lives in this process too, and remembers its latest calls.
            account.Emulator.Calls.Clear();
        }
    }
}
