namespace Coriolis.Benchmarks;

/// <summary>A full run of a fully allocated disk, beside a null client that GETs the same blocks with the same parallelism.</summary>
internal static class FullRun
{
    public static Task MeasureAsync(int sizeGiB, int rounds) => MeasureAsync(sizeGiB, rounds, []);

    /// <summary>In a process that has one processor: the clients get another one, so that what they do does not slow down what they call.</summary>
    public static async Task<int> MeasureApartAsync(int sizeGiB, int rounds)
    {
        await MeasureAsync(sizeGiB, rounds, Pinned.Clients);
        return 0;
    }

    /// <summary>What it takes native code to receive the blocks over TLS, without hashing or writing them.</summary>
    public static async Task MeasureCurlAsync(int sizeGiB, int rounds)
    {
        await using var account = await EmulatedAccount.StartAsync(sizeGiB, allocatedFraction: 1);
        var hashing = HashingSeconds((long)sizeGiB << 30);
        Console.WriteLine($"SHA-256 over {sizeGiB} GiB in memory, one core: {hashing:F2} s");

        // The replica leaves the snapshot behind whose blocks are read.
        await account.RunClientAsync("replicate", account.NewFolder());
        for (var round = 1; round <= rounds; round++)
        {
            var curl = await account.RunClientAsync("curl", await account.FindSnapshotAsync());
            Console.WriteLine($"round {round}: curl {curl.WallSeconds:F2} s, cpu {curl.CpuSeconds:F2} s, cpu curl/SHA-256 {curl.CpuSeconds / hashing:F2}");
        }
    }

    private static async Task MeasureAsync(int sizeGiB, int rounds, string[] launcher)
    {
        await using var account = await EmulatedAccount.StartAsync(sizeGiB, allocatedFraction: 1);
        account.ClientLauncher = launcher;
        var hashing = HashingSeconds((long)sizeGiB << 30);
        Console.WriteLine($"SHA-256 over {sizeGiB} GiB in memory, one core: {hashing:F2} s");

        // The first round warms the emulator's caches and is not counted.
        for (var round = 0; round <= rounds; round++)
        {
            var folder = account.NewFolder();
            var ours = await account.RunClientAsync("replicate", folder);
            Directory.Delete(folder, recursive: true);
            var theirs = await account.RunClientAsync("null", await account.FindSnapshotAsync());
            if (round > 0)
            {
                Console.WriteLine($"round {round}: null {theirs}");
                Console.WriteLine($"round {round}: ours {ours}");
                Console.WriteLine($"round {round}: wall ours/null {ours.WallSeconds / theirs.WallSeconds:F2}, cpu ours/SHA-256 {ours.CpuSeconds / hashing:F2}");
            }
        }
    }

    private static double HashingSeconds(long bytes)
    {
        var chunk = new byte[512 * 1024];
        Random.Shared.NextBytes(chunk);
        var before = ProcessUsage.Now().CpuSeconds;
        Span<byte> digest = stackalloc byte[32];
        for (long done = 0; done < bytes; done += chunk.Length)
        {
            System.Security.Cryptography.SHA256.HashData(chunk, digest);
        }

        return ProcessUsage.Now().CpuSeconds - before;
    }
}
