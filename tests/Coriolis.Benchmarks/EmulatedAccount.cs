using System.Diagnostics;
using System.Text.Json;
using Coriolis.Aws.Emulator;

namespace Coriolis.Benchmarks;

/// <summary>An emulated account with one instance that has one synthetic disk; clients reach it over TLS from their own process.</summary>
internal sealed class EmulatedAccount : IAsyncDisposable
{
    public const string Region = "us-east-1";

    private readonly AwsEmulator _emulator;
    private readonly string _folder;
    private readonly string _certificatePath;
    private readonly SeededInstance _instance;
    private int _folders;

    private EmulatedAccount(AwsEmulator emulator, string folder, SeededInstance instance)
    {
        _emulator = emulator;
        _folder = folder;
        _instance = instance;
        _certificatePath = Path.Combine(folder, "certificate.pem");
        File.WriteAllText(_certificatePath, emulator.Certificate!.ExportCertificatePem());
    }

    /// <summary>The command line that clients are started with, before their own.</summary>
    public string[] ClientLauncher { get; set; } = [];

    public static async Task<EmulatedAccount> StartAsync(int sizeGiB, double allocatedFraction)
    {
        var folder = Directory.CreateTempSubdirectory("coriolis-benchmark-").FullName;
        var emulator = await AwsEmulator.StartAsync(new AwsEmulatorOptions
        {
            DataDirectory = Path.Combine(folder, "account"),
            UseTls = true,
            Quotas = new EmulatorQuotas { SnapshotInterval = TimeSpan.Zero },
        });
        var disk = new VolumeSeed { SizeGiB = sizeGiB, Synthetic = new SyntheticVolumeSpec { AllocatedFraction = allocatedFraction } };
        var instance = await emulator.Admin.CreateInstanceAsync(Region, new InstanceSeed { Volumes = [disk] });
        return new EmulatedAccount(emulator, folder, instance);
    }

    public string NewFolder() => Directory.CreateDirectory(Path.Combine(_folder, $"client-{_folders++}")).FullName;

    public Task ChangeAsync(double fraction) => _emulator.Admin.ChangeSyntheticVolumeAsync(Region, _instance.VolumeIds[0], fraction);

    public async Task<string> FindSnapshotAsync() =>
        (await _emulator.Admin.GetResourcesAsync(Region)).Last(resource => resource.Type == "snapshot").Id;

    public async Task<ClientResult> RunClientAsync(string kind, string target)
    {
        string[] arguments =
            [.. ClientLauncher, Environment.ProcessPath!, "client", kind, _emulator.Endpoint.ToString(), _emulator.AccessKeyId, _emulator.SecretAccessKey, _instance.InstanceId, target];
        var start = new ProcessStartInfo(arguments[0], arguments[1..]) { RedirectStandardOutput = true };

        // How OpenSSL, and so .NET on Linux, is told to trust the emulator's self-signed certificate.
        start.Environment["SSL_CERT_FILE"] = _certificatePath;
        using var process = Process.Start(start)!;
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0
            ? JsonSerializer.Deserialize(output.Trim().Split('\n')[^1], ResultJson.Default.ClientResult)!
            : throw new InvalidOperationException($"The {kind} client ended with exit code {process.ExitCode}.");
    }

    public async ValueTask DisposeAsync()
    {
        await _emulator.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
