using System.Text.Json;
using Amazon.EC2.Model;
using Coriolis.Aws.Emulator;

namespace Coriolis.Cli.Tests;

/// <summary>An emulated account whose workers are real machines. Skips where there can be none.</summary>
internal sealed class WorkerAccount : IAsyncDisposable
{
    private WorkerAccount(EmulatedAccount account) => Account = account;

    public EmulatedAccount Account { get; }

    public static async Task<WorkerAccount> StartAsync(EmulatorDelays? delays = null, bool defaultVpc = true, TimeProvider? timeProvider = null)
    {
        if (await AwsEmulator.FindWorkerObstacleAsync() is { } obstacle)
        {
            Assert.Ignore(obstacle);
        }

        return new WorkerAccount(await EmulatedAccount.StartAsync(delays, realWorkers: true, defaultVpc, timeProvider: timeProvider));
    }

    /// <summary>The options of a run that reads on a path, through workers of this account where it needs one.</summary>
    /// <param name="path">The read path.</param>
    /// <param name="settings">More members of the source environment; the later of two with the same name counts.</param>
    public static string[] Options(string path, params (string Name, string Value)[] settings)
    {
        var environment = new Dictionary<string, string>
        {
            ["worker_instance_type"] = "t3.medium",
            ["worker_allowed_cidr"] = "198.18.0.0/15",
            ["worker_boot_timeout"] = "30",
            ["poll_interval"] = EmulatedAccount.PollInterval,
        };
        foreach (var (name, value) in settings)
        {
            environment[name] = value;
        }

        return ["--read-path", path, "--source-environment", JsonSerializer.Serialize(environment)];
    }

    /// <summary>Replicates the instance <c>web</c>.</summary>
    public Task<CliRun> ReplicateAsync(string path = "worker", params (string Name, string Value)[] settings) =>
        Account.ReplicateAsync("web", Options(path, settings));

    /// <summary>How many workers were launched so far.</summary>
    public async Task<int> CountWorkersAsync() => (await ListWorkersAsync(CancellationToken.None)).Count;

    /// <summary>The only worker that was launched so far.</summary>
    public async Task<Instance> FindWorkerAsync(CancellationToken cancellationToken) => (await ListWorkersAsync(cancellationToken)).Single();

    public ValueTask DisposeAsync() => Account.DisposeAsync();

    private async Task<IReadOnlyList<Instance>> ListWorkersAsync(CancellationToken cancellationToken)
    {
        var described = await Account.Ec2.DescribeInstancesAsync(
            new DescribeInstancesRequest { Filters = [new Filter("tag:Name", ["coriolis-worker-*"])] }, cancellationToken);
        return [.. (described.Reservations ?? []).SelectMany(static reservation => reservation.Instances)];
    }
}
