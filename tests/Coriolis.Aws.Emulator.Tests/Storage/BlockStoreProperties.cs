using Coriolis.Aws.Emulator.Storage;
using CsCheck;

namespace Coriolis.Aws.Emulator.Tests.Storage;

/// <summary>Whatever happens to a volume, each surviving snapshot gives the bytes of its moment, and a diff misses no difference.</summary>
internal sealed class BlockStoreProperties
{
    private const string Region = "eu-west-1";
    private const int Block = BlockStore.BlockSize;
    private const int MaxBlocks = 12;

    private static readonly Gen<Step[]> s_steps = Gen.Select(
        Gen.Frequency((5, Gen.Const(StepKind.Write)), (2, Gen.Const(StepKind.Zero)), (2, Gen.Const(StepKind.Punch)), (1, Gen.Const(StepKind.Grow)),
            (4, Gen.Const(StepKind.Snapshot)), (2, Gen.Const(StepKind.Delete)), (1, Gen.Const(StepKind.Restart))),
        Gen.Int[0, MaxBlocks * 8 - 1],
        Gen.Int[1, 20],
        (kind, place, amount) => new Step(kind, place, amount)).Array[1, 30];

    private enum StepKind
    {
        Write,
        Zero,
        Punch,
        Grow,
        Snapshot,
        Delete,
        Restart,
    }

    [Test]
    public void AnySequence_SurvivingSnapshots_ReproduceTheirMoment() =>
        s_steps.Sample(steps => Task.Run(() => RunAsync(steps)).GetAwaiter().GetResult(), iter: 40, threads: 1);

    private static async Task RunAsync(Step[] steps)
    {
        using var folder = new TemporaryFolder();
        var volume = new byte[4 * Block];
        var moments = new SortedDictionary<string, byte[]>(StringComparer.Ordinal);
        var store = new BlockStore(folder.Path);
        try
        {
            await store.CreateVolumeAsync(Region, "vol-1", volume.Length, VolumeContent.Empty, default);
            for (var number = 0; number < steps.Length; number++)
            {
                (store, volume) = await ApplyAsync(store, folder, volume, moments, steps[number], number);
            }

            foreach (var (id, expected) in moments)
            {
                await CheckContentAsync(store, id, expected);
                foreach (var (firstId, before) in moments)
                {
                    CheckDiff(store, firstId, before, id, expected);
                }
            }

            foreach (var id in moments.Keys)
            {
                await store.DeleteSnapshotAsync(Region, id, default);
            }

            Assert.That(store.StoredBlockCount, Is.Zero);
        }
        finally
        {
            store.Dispose();
        }
    }

    private static async Task<(BlockStore Store, byte[] Volume)> ApplyAsync(
        BlockStore store, TemporaryFolder folder, byte[] volume, SortedDictionary<string, byte[]> moments, Step step, int number)
    {
        // Places are eighths of a block, so that steps cover parts of blocks and cross their borders.
        var start = Math.Min(step.Place * (Block / 8), volume.Length - 1);
        var length = Math.Min(step.Amount * (Block / 8), volume.Length - start);
        switch (step.Kind)
        {
            case StepKind.Write or StepKind.Zero:
                var data = new byte[length];
                Array.Fill(data, step.Kind == StepKind.Write ? (byte)(number % 3 + 1) : (byte)0);
                data.CopyTo(volume, start);
                await store.WriteVolumeAsync(Region, "vol-1", start, data, default);
                break;
            case StepKind.Punch:
                Array.Clear(volume, start, length);
                await store.PunchVolumeAsync(Region, "vol-1", start, length, default);
                break;
            case StepKind.Grow when volume.Length < MaxBlocks * Block:
                Array.Resize(ref volume, volume.Length + Block);
                await store.ResizeVolumeAsync(Region, "vol-1", volume.Length, default);
                break;
            case StepKind.Snapshot when moments.Count < 5:
                moments[$"snap-{number:d2}"] = [.. volume];
                await store.CreateSnapshotAsync(Region, $"snap-{number:d2}", "vol-1", null, default);
                break;
            case StepKind.Delete when moments.Count > 0:
                var victim = moments.Keys.ElementAt(step.Place % moments.Count);
                moments.Remove(victim);
                await store.DeleteSnapshotAsync(Region, victim, default);
                break;
            case StepKind.Restart:
                store.Dispose();
                store = new BlockStore(folder.Path);
                break;
        }

        return (store, volume);
    }

    private static async Task CheckContentAsync(BlockStore store, string id, byte[] expected)
    {
        using var snapshot = store.TryOpenSnapshot(Region, id)!;
        var actual = new byte[expected.Length];
        for (var index = 0; (index = snapshot.FindNext(index, snapshot.BlockCount)) >= 0; index++)
        {
            await snapshot.ReadAsync(index, actual.AsMemory(index * Block, Block), default);
        }

        Assert.That(actual.AsSpan().SequenceEqual(expected), $"{id} does not have the bytes of its moment");
    }

    private static void CheckDiff(BlockStore store, string firstId, byte[] before, string secondId, byte[] after)
    {
        using var first = store.TryOpenSnapshot(Region, firstId)!;
        using var second = store.TryOpenSnapshot(Region, secondId)!;
        for (var index = 0; index < Math.Max(before.Length, after.Length) / Block; index++)
        {
            if (!BlockOf(before, index).SequenceEqual(BlockOf(after, index)))
            {
                Assert.That(second.FindNextChange(first, index, index + 1), Is.EqualTo(index), $"{firstId} to {secondId} misses block {index}");
            }
        }
    }

    private static ReadOnlySpan<byte> BlockOf(byte[] volume, int index) =>
        (index + 1) * Block <= volume.Length ? volume.AsSpan(index * Block, Block) : new byte[Block];

    private sealed record Step(StepKind Kind, int Place, int Amount);
}
