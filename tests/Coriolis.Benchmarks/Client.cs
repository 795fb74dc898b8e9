using System.Globalization;
using System.Text.Json;
using Coriolis.Benchmarks.Workers;
using Coriolis.Destinations;
using Coriolis.Providers;
using Coriolis.Providers.Aws;
using Coriolis.Replication;
using Coriolis.Worker.Protocol;
using Microsoft.Extensions.DependencyInjection;

namespace Coriolis.Benchmarks;

/// <summary>One measured client in a process of its own; prints a <see cref="ClientResult"/> as its last line.</summary>
internal static class Client
{
    private const int Parallelism = 64;

    public static async Task<int> RunAsync(string[] args)
    {
        var watch = System.Diagnostics.Stopwatch.StartNew();
        double? curl = null;
        long bytes;
        if (args is ["curl", var url, var id, var password, _, var source])
        {
            (curl, bytes) = await CurlClient.ReadSnapshotAsync(new Uri(url), id, password, source, Parallelism);
        }
        else
        {
            bytes = await RunOursAsync(args);
        }

        var usage = ProcessUsage.Now();
        var result = new ClientResult(watch.Elapsed.TotalSeconds, curl ?? usage.CpuSeconds, usage.PeakResidentBytes, usage.AllocatedBytes, bytes);
        Console.WriteLine(JsonSerializer.Serialize(result, ResultJson.Default.ClientResult));
        return 0;
    }

    private static async Task<long> RunOursAsync(string[] args) =>
        args switch
        {
            ["null", var endpoint, var key, var secret, _, var snapshot] => await ReadAsync(new Uri(endpoint), key, secret, snapshot),
            ["replicate", var endpoint, var key, var secret, var instance, var folder] => await ReplicateAsync(
                new Uri(endpoint), key, secret, instance, folder, dataless: false),
            ["dataless", var endpoint, var key, var secret, var instance, var folder] => await ReplicateAsync(
                new Uri(endpoint), key, secret, instance, folder, dataless: true),
            ["worker", var port, var folder] => await ReplicateFromAgentAsync(int.Parse(port, CultureInfo.InvariantCulture), folder),
            _ => throw new ArgumentException(
                "client null|curl|replicate|dataless ENDPOINT KEY SECRET INSTANCE SNAPSHOT|FOLDER, client worker PORT FOLDER"),
        };

    private static async Task<long> ReadAsync(Uri endpoint, string key, string secret, string snapshot)
    {
        using var client = new NullClient(endpoint, EmulatedAccount.Region, key, secret);
        return await client.ReadSnapshotAsync(snapshot, Parallelism, CancellationToken.None);
    }

    private static async Task<long> ReplicateAsync(
        Uri endpoint, string key, string secret, string instance, string folder, bool dataless)
    {
        var services = new ServiceCollection();
        services.AddCoriolisAws(aws => aws
            .UseConnection(new AwsConnectionInfo { Region = EmulatedAccount.Region, AccessKeyId = key, SecretAccessKey = secret, EndpointUrl = endpoint })
            .Configure(options =>
            {
                // What is measured is the transfer: neither a quota nor the first wait for a snapshot.
                options.MaxBlockReadsPerSecond = 100_000;
                options.PollInterval = TimeSpan.FromMilliseconds(10);
            }));
        services.AddCoriolisReplication(options =>
        {
            options.StateDirectory = Path.Combine(folder, "state");
            options.MaxReadsPerDisk = Parallelism;
        });
        if (dataless)
        {
            var described = services.Last(service => service.ServiceType == typeof(IReplicaSourceProvider) && !service.IsKeyedService);
            services.Remove(described);
            services.AddSingleton<IReplicaSourceProvider>(
                provider => new DatalessSource((IReplicaSourceProvider)described.ImplementationFactory!(provider)));
            services.AddSingleton<IDestinationWriter>(new ForgetfulDestination(folder));
        }
        else
        {
            services.AddRawDestination(options => options.Directory = Directory.CreateDirectory(Path.Combine(folder, "replica")).FullName);
        }

        return await RunAsync(services, instance);
    }

    /// <summary>Runs the engine over the worker read path; the folder has the certificates and receives the replica.</summary>
    private static async Task<long> ReplicateFromAgentAsync(int port, string folder)
    {
        var certificates = new WorkerCertificates
        {
            AuthorityCertificate = await File.ReadAllTextAsync(Path.Combine(folder, "ca-cert.pem")),
            AgentCertificate = "",
            AgentKey = "",
            ClientCertificate = await File.ReadAllTextAsync(Path.Combine(folder, "client-cert.pem")),
            ClientKey = await File.ReadAllTextAsync(Path.Combine(folder, "client-key.pem")),
        };
        await using var client = new WorkerClient(token => WorkerSource.ConnectAsync(port, certificates, token));
        var device = (await client.ListDevicesAsync()).Single();
        var services = new ServiceCollection();
        services.AddSingleton<IReplicaSourceProvider>(new WorkerSource(client, device));
        services.AddCoriolisReplication(options => options.StateDirectory = Path.Combine(folder, "state"));
        services.AddRawDestination(options => options.Directory = Directory.CreateDirectory(Path.Combine(folder, "replica")).FullName);
        return await RunAsync(services, "i-0123456789abcdef0");
    }

    private static async Task<long> RunAsync(ServiceCollection services, string instance)
    {
        await using var provider = services.BuildServiceProvider();

        var report = await provider.GetRequiredService<ReplicaPipeline>().RunAsync(new ReplicationRequest { Instance = instance });
        if (report.Status != ExecutionStatus.Succeeded)
        {
            throw new InvalidOperationException(string.Create(CultureInfo.InvariantCulture, $"{report.Status}: {report.Disks[0].Error}"));
        }

        return report.Disks.Sum(disk => disk.TransferredBytes);
    }
}
