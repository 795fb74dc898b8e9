namespace Coriolis.Replication.Tests;

[NonParallelizable]
internal sealed class DiskTransferTests
{
    [Test]
    public async Task RunAsync_SteadyState_AllocatesNoBufferPerChunk()
    {
        var few = await MeasureAsync(chunks: 500);
        var many = await MeasureAsync(chunks: 3500);

        // What is left are the small objects of the fakes and of waiting; a chunk has 4,096 bytes here, 524,288 in production.
        Assert.That((many - few) / 3000, Is.LessThan(TestReplica.ChunkSize / 2));
    }

    /// <returns>The bytes allocated while a disk without changes is read and compared in full.</returns>
    private static async Task<long> MeasureAsync(int chunks)
    {
        using var replica = new TestReplica();
        replica.AddVolume("vol-1", chunks);
        await replica.RunAsync();
        replica.Source.Snapshots.Clear();
        long before = 0;
        long after = 0;
        replica.Source.OnCall = (operation, _, _) =>
        {
            // The disk is copied by the fake's capture; what counts begins after it.
            if (operation == "changes" && before == 0)
            {
                before = GC.GetTotalAllocatedBytes();
            }
            else if (operation == "retain")
            {
                after = GC.GetTotalAllocatedBytes();
            }

            return ValueTask.CompletedTask;
        };

        var report = await replica.RunAsync();

        Assert.That(report.Disks[0].ChangedBytes, Is.EqualTo(chunks * (long)TestReplica.ChunkSize));
        return after - before;
    }
}
