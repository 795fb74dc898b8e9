using System.Globalization;
using System.Runtime.InteropServices;

namespace Coriolis.Replication.Tests;

internal sealed class ChunkBufferPoolTests
{
    [Test]
    public async Task RentAsync_AllInUse_WaitsForAReturn()
    {
        using var pool = new ChunkBufferPool(budgetBytes: 2 * 4096, chunkSize: 4096);
        var first = await pool.RentAsync(CancellationToken.None);
        await pool.RentAsync(CancellationToken.None);

        var third = pool.RentAsync(CancellationToken.None).AsTask();
        Assert.That(third.IsCompleted, Is.False);
        pool.Return(first);

        Assert.That((await third).Equals(first), Is.True, "the buffer that was returned");
        Assert.That(pool.Rented, Is.EqualTo(2));
    }

    [Test]
    public async Task RentAsync_AnyBuffer_BeginsAtAMemoryPage()
    {
        using var pool = new ChunkBufferPool(budgetBytes: 3 * 8192, chunkSize: 8192);
        for (var i = 0; i < 3; i++)
        {
            var buffer = await pool.RentAsync(CancellationToken.None);

            Assert.That(buffer.Length, Is.EqualTo(8192));
            Assert.That(MemoryMarshal.TryGetArray<byte>(buffer, out var segment), Is.True);
            Assert.That(Marshal.UnsafeAddrOfPinnedArrayElement(segment.Array!, segment.Offset) % 4096, Is.EqualTo((nint)0));
        }
    }

    [TestCase(4096, 5)]
    [TestCase(512 * 1024, 37)]
    [TestCase(768 * 1024, 3)]
    [TestCase(16 * 1024 * 1024, 2)]
    public async Task RentAsync_UpToTheBudget_NoBufferOverlapsAnother(int chunkSize, int count)
    {
        using var pool = new ChunkBufferPool((long)count * chunkSize, chunkSize);
        var buffers = new List<Memory<byte>>();
        for (var i = 0; i < count; i++)
        {
            buffers.Add(await pool.RentAsync(CancellationToken.None));
            buffers[i].Span.Fill((byte)(i + 1));
        }

        for (var i = 0; i < count; i++)
        {
            Assert.That(buffers[i].Length, Is.EqualTo(chunkSize));
            Assert.That(buffers[i].Span.ContainsAnyExcept((byte)(i + 1)), Is.False, $"buffer {i} holds what was written to it");
        }

        Assert.That(pool.RentAsync(CancellationToken.None).AsTask().IsCompleted, Is.False, "the budget is spent");
    }

    [Test]
    public async Task RentAsync_SystemWithHugePages_AsksForThem()
    {
        if (!Directory.Exists("/sys/kernel/mm/transparent_hugepage"))
        {
            Assert.Ignore("The system has no huge pages.");
        }

        using var pool = new ChunkBufferPool(64 * 512 * 1024, 512 * 1024);
        var buffer = await pool.RentAsync(CancellationToken.None);
        Assert.That(MemoryMarshal.TryGetArray<byte>(buffer, out var segment), Is.True);

        Assert.That(FlagsOfMappingAt(Marshal.UnsafeAddrOfPinnedArrayElement(segment.Array!, segment.Offset)), Does.Contain("hg"));
    }

    [Test]
    public async Task RentAsync_CancelledWhileWaiting_TakesNothing()
    {
        using var pool = new ChunkBufferPool(4096, 4096);
        var only = await pool.RentAsync(CancellationToken.None);
        using var cancellation = new CancellationTokenSource();
        var waiting = pool.RentAsync(cancellation.Token).AsTask();

        await cancellation.CancelAsync();

        Assert.That(async () => await waiting, Throws.InstanceOf<OperationCanceledException>());
        pool.Return(only);
        Assert.That(pool.Rented, Is.Zero);
    }

    /// <summary>What the kernel was told about the memory at an address: see proc_pid_smaps(5).</summary>
    private static string[] FlagsOfMappingAt(nint address)
    {
        var isInside = false;
        foreach (var line in File.ReadLines("/proc/self/smaps"))
        {
            var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (words[0].Split('-') is [var start, var end])
            {
                isInside = address >= nint.Parse(start, NumberStyles.HexNumber, CultureInfo.InvariantCulture)
                    && address < nint.Parse(end, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            }
            else if (isInside && words[0] == "VmFlags:")
            {
                return words[1..];
            }
        }

        throw new InvalidOperationException("No mapping has the address.");
    }
}
