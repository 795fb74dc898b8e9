using Coriolis.Providers.Aws.Ebs;
using Coriolis.Providers.Aws.Throttling;

namespace Coriolis.Providers.Aws.Tests.Ebs;

public sealed class EbsHotPathTests
{
    // A request costs a few kilobytes in HttpClient and in signing; a copy of the block would cost 512 KiB.
    private const long BytesPerBlock = 24 * 1024;

    [Test]
    public async Task GetSnapshotBlockAsync_SteadyState_AllocatesNoBlocks()
    {
        using var fixture = new EbsFixture(new EbsClientOptions { Rates = new EbsRates { BlocksPerSnapshot = 1e6, GetSnapshotBlock = 1e6 } });
        fixture.Service.Intercept = (_, _) => Task.FromResult<HttpResponseMessage?>(fixture.Service.Block(7));
        var buffer = new byte[512 * 1024];
        await Read(fixture, buffer, 5);

        var before = GC.GetAllocatedBytesForCurrentThread();
        await Read(fixture, buffer, 50);
        var allocated = (GC.GetAllocatedBytesForCurrentThread() - before) / 50;

        TestContext.Out.WriteLine($"{allocated} bytes per block");
        Assert.That(allocated, Is.LessThan(BytesPerBlock));
        Assert.That(allocated, Is.GreaterThan(0), "measured on the thread that did the work");
    }

    private static async Task Read(EbsFixture fixture, byte[] buffer, int count)
    {
        for (var i = 0; i < count; i++)
        {
            await fixture.Client.GetSnapshotBlockAsync("snap-1", i, new string('A', 200), buffer, default, CancellationToken.None);
        }
    }
}
