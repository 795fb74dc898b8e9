namespace Coriolis.Benchmarks;

/// <summary>An incremental run of a large synthetic disk: how its cost follows the change and not the size of the disk.</summary>
internal static class IncrementalRun
{
    private const double Allocated = 0.01;

    public static async Task MeasureAsync(int sizeGiB)
    {
        await using var account = await EmulatedAccount.StartAsync(sizeGiB, Allocated);
        var folder = account.NewFolder();
        Console.WriteLine($"first run, {sizeGiB} GiB, 1 % allocated: {await account.RunClientAsync("replicate", folder)}");
        Console.WriteLine($"nothing changed: {await account.RunClientAsync("replicate", folder)}");
        foreach (var fraction in new[] { 0.0001, 0.001, 0.01 })
        {
            await account.ChangeAsync(fraction);
            Console.WriteLine($"{fraction:P2} changed: {await account.RunClientAsync("replicate", folder)}");
        }
    }
}
