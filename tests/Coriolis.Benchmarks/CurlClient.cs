using System.Diagnostics;
using System.Globalization;

namespace Coriolis.Benchmarks;

/// <summary>The null client in native code: <c>curl</c> gets the blocks over TLS and drops them; it neither hashes nor writes.</summary>
internal static class CurlClient
{
    /// <returns>The processor time of <c>curl</c> in seconds, and the bytes that it was sent for.</returns>
    public static async Task<(double CpuSeconds, long Bytes)> ReadSnapshotAsync(
        Uri endpoint, string key, string secret, string snapshot, int parallelism)
    {
        List<string> config =
        [
            $"user = \"{key}:{secret}\"",
            $"aws-sigv4 = \"aws:amz:{EmulatedAccount.Region}:ebs\"",
            $"cacert = \"{Environment.GetEnvironmentVariable("SSL_CERT_FILE")}\"",
            $"parallel-max = {parallelism}",
        ];
        var blocks = 0L;
        using (var client = new NullClient(endpoint, EmulatedAccount.Region, key, secret))
        {
            await foreach (var (index, token) in client.ListAsync(snapshot, CancellationToken.None))
            {
                config.Add($"url = \"{endpoint}snapshots/{snapshot}/blocks/{index}?blockToken={Uri.EscapeDataString(token)}\"");
                config.Add("output = \"/dev/null\"");
                blocks++;
            }
        }

        var path = Path.GetTempFileName();
        try
        {
            await File.WriteAllLinesAsync(path, config);
            return (await RunAsync(path), blocks * NullClient.BlockSize);
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static async Task<double> RunAsync(string config)
    {
        const string Timed = "TIMEFORMAT='%U %S'; time curl --silent --show-error --fail --parallel --config \"$0\"";
        using var process = Process.Start(new ProcessStartInfo("bash", ["-c", Timed, config]) { RedirectStandardError = true })!;
        var said = (await process.StandardError.ReadToEndAsync()).Trim();
        await process.WaitForExitAsync();
        return process.ExitCode == 0
            ? said.Split('\n')[^1].Split(' ').Sum(seconds => double.Parse(seconds, CultureInfo.InvariantCulture))
            : throw new InvalidOperationException($"curl ended with exit code {process.ExitCode}: {said}");
    }
}
