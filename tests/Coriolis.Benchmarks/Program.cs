namespace Coriolis.Benchmarks;

/// <summary>
/// Whole-process benchmarks of the direct read path: <c>full [GiB] [rounds]</c> against the null client, <c>apart [GiB] [rounds]</c> the same
/// with the emulator and the clients on a processor each, <c>curl [GiB] [rounds]</c> for what a native client needs,
/// <c>incremental [GiB]</c> and <c>memory [TiB]</c>. The emulator runs in this process, each client in a process of its own, TLS between them.
/// <c>worker [MiB] [rounds]</c> measures the worker read path against nbdcopy and rsync.
/// </summary>
internal static class Program
{
    public static async Task<int> Main(string[] args)
    {
        try
        {
            return await RunAsync(args);
        }
        catch (Exception exception)
        {
            // Caught, so that what was started is stopped: an exception that nobody catches ends the process at once.
            await Console.Error.WriteLineAsync(exception.ToString());
            return 1;
        }
    }

    private static async Task<int> RunAsync(string[] args)
    {
        switch (args)
        {
            case ["full", .. var rest]:
                await FullRun.MeasureAsync(Number(rest, 0, 4), Number(rest, 1, 3));
                return 0;
            case ["apart", .. var rest]:
                // Threads inherit the processor from the start of the process only.
                return Environment.ProcessorCount == 1 ? await FullRun.MeasureApartAsync(Number(rest, 0, 4), Number(rest, 1, 3)) : Pinned.Restart(args);
            case ["curl", .. var rest]:
                await FullRun.MeasureCurlAsync(Number(rest, 0, 4), Number(rest, 1, 3));
                return 0;
            case ["incremental", .. var rest]:
                await IncrementalRun.MeasureAsync(Number(rest, 0, 1024));
                return 0;
            case ["memory", .. var rest]:
                await MemoryRun.MeasureAsync(Number(rest, 0, 16));
                return 0;
            case ["worker", .. var rest]:
                await Workers.WorkerRun.MeasureAsync(Number(rest, 0, 4096), Number(rest, 1, 3));
                return 0;
            case ["client", .. var rest]:
                return await Client.RunAsync(rest);
            default:
                Console.Error.WriteLine("usage: full|apart|curl [GiB] [rounds] | incremental [GiB] | memory [TiB] | worker [MiB] [rounds]");
                return 2;
        }
    }

    private static int Number(string[] args, int index, int otherwise) =>
        args.Length > index ? int.Parse(args[index], System.Globalization.CultureInfo.InvariantCulture) : otherwise;
}
