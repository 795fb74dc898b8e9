using System.Diagnostics;
using System.Globalization;
using Coriolis.Worker.Protocol;

namespace Coriolis.Worker.Tests;

/// <summary>What reading a disk leaves in the worker's page cache.</summary>
[Platform("Linux", Reason = "Tells by fincore of util-linux.")]
public sealed class PageCacheTests
{
    [TestCase(false)]
    [TestCase(true)]
    public async Task ScanAsync_OfADiskThatIsNotCached_LeavesItSo(bool withData)
    {
        using var image = new ImageFile(new string('1', 64), tail: 100);
        await RunAsync("dd", "if=/dev/null", $"of={image.Path}", "count=0", "oflag=nocache", "conv=notrunc,fdatasync", "status=none");
        if (await CachedBytesAsync(image) != 0)
        {
            Assert.Ignore("The file system keeps its files in memory.");
        }

        await using var agent = RunningAgent.Start(image.Path);
        await using var client = agent.CreateClient();
        var device = (await client.ListDevicesAsync()).Single();
        var before = await CachedBytesAsync(image);

        var scanned = 0L;
        await foreach (var run in client.ScanAsync(new WorkerScan { Device = device, ChunkSize = ImageFile.ChunkSize, IncludeData = withData }))
        {
            scanned += run.Range.Length;
        }

        Assert.That(scanned, Is.EqualTo(device.SizeBytes));
        // Of a tail that is no whole page the page itself may stay.
        Assert.That(await CachedBytesAsync(image), Is.LessThanOrEqualTo(before + AlignedBuffer.PageSize));
    }

    private static async Task<long> CachedBytesAsync(ImageFile image) =>
        long.Parse(await RunAsync("fincore", "--bytes", "--noheadings", "--output", "RES", image.Path), CultureInfo.InvariantCulture);

    private static async Task<string> RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true })!;
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.That(process.ExitCode, Is.Zero, program);
        return output.Trim();
    }
}
