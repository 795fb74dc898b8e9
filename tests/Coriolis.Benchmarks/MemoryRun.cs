namespace Coriolis.Benchmarks;

/// <summary>
/// The memory of a full and of an incremental run of fully allocated disks of growing size. All their blocks are listed, compared and
/// recorded; only the bytes are not read, see <see cref="DatalessSource"/>.
/// </summary>
internal static class MemoryRun
{
    private const double Changed = 0.01;

    public static async Task MeasureAsync(int largestTiB)
    {
        for (var sizeTiB = 1; sizeTiB <= largestTiB; sizeTiB *= 4)
        {
            await using var account = await EmulatedAccount.StartAsync(sizeTiB * 1024, allocatedFraction: 1);
            var folder = account.NewFolder();
            Console.WriteLine($"{sizeTiB} TiB, first run: {await account.RunClientAsync("dataless", folder)}");
            await account.ChangeAsync(Changed);
            Console.WriteLine($"{sizeTiB} TiB, {Changed:P0} changed: {await account.RunClientAsync("dataless", folder)}");
        }
    }
}
