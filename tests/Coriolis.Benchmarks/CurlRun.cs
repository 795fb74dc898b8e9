using System.Diagnostics;
using System.Globalization;

namespace Coriolis.Benchmarks;

/// <summary>The same blocks through <c>curl</c>, which drops them: what receiving them over TLS takes in native code, without hashing or writing.</summary>
internal static class CurlRun
{
    private const int Parallelism = 64;

    public static async Task MeasureAsync(int sizeGiB, int rounds)
    {
        await using var account = await EmulatedAccount.StartAsync(sizeGiB, allocatedFraction: 1);
        var hashing = FullRun.HashingSeconds((long)sizeGiB << 30);
        Console.WriteLine($"SHA-256 over {sizeGiB} GiB in memory, one core: {hashing:F2} s");

        // The replica leaves the snapshot behind whose blocks are read.
        var folder = account.NewFolder();
        await account.RunClientAsync("replicate", folder);
        var config = Path.Combine(folder, "curl.conf");
        await File.WriteAllLinesAsync(config, await DescribeAsync(account));
        for (var round = 1; round <= rounds; round++)
        {
            var watch = Stopwatch.StartNew();
            var cpu = await RunAsync(account, config);
            Console.WriteLine($"round {round}: curl {watch.Elapsed.TotalSeconds:F2} s, cpu {cpu:F2} s, cpu curl/SHA-256 {cpu / hashing:F2}");
        }
    }

    private static async Task<List<string>> DescribeAsync(EmulatedAccount account)
    {
        var snapshot = await account.FindSnapshotAsync();
        var lines = new List<string>
        {
            $"user = \"{account.AccessKeyId}:{account.SecretAccessKey}\"",
            $"aws-sigv4 = \"aws:amz:{EmulatedAccount.Region}:ebs\"",
            $"cacert = \"{account.CertificatePath}\"",
            $"parallel-max = {Parallelism}",
        };
        using var client = new NullClient(account.Endpoint, EmulatedAccount.Region, account.AccessKeyId, account.SecretAccessKey);
        await foreach (var (index, token) in client.ListAsync(snapshot, CancellationToken.None))
        {
            lines.Add($"url = \"{account.Endpoint}snapshots/{snapshot}/blocks/{index}?blockToken={Uri.EscapeDataString(token)}\"");
            lines.Add("output = \"/dev/null\"");
        }

        return lines;
    }

    /// <returns>The processor time in seconds, as the shell's <c>time</c> tells.</returns>
    private static async Task<double> RunAsync(EmulatedAccount account, string config)
    {
        var start = new ProcessStartInfo("bash", ["-c", "TIMEFORMAT='%U %S'; time curl --silent --show-error --fail --parallel --config \"$0\"", config])
        {
            RedirectStandardError = true,
        };
        start.Environment["SSL_CERT_FILE"] = account.CertificatePath;
        using var process = Process.Start(start)!;
        var said = (await process.StandardError.ReadToEndAsync()).Trim();
        await process.WaitForExitAsync();
        return process.ExitCode == 0
            ? said.Split('\n')[^1].Split(' ').Sum(seconds => double.Parse(seconds, CultureInfo.InvariantCulture))
            : throw new InvalidOperationException($"curl ended with exit code {process.ExitCode}: {said}");
    }
}
