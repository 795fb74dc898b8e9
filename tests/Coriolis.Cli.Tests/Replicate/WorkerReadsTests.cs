using System.Globalization;

namespace Coriolis.Cli.Tests;

/// <summary>How much a worker reads of its volumes.</summary>
[CancelAfter(180_000)]
public sealed class WorkerReadsTests : WorkerTests
{
    private const int SectorSize = 512;

    // The agent looks for partitions.
    private const long Discovery = 1 << 20;

    [Test]
    public async Task Replicate_InFullAndThenOfAChange_ReadsEveryByteOnceAndAgainOnlyWhatChanged(CancellationToken cancellationToken)
    {
        var instance = await Account.LaunchAsync("web", dataDisks: 1);
        Account.Write(instance.DataIds[0], 300 << 20, EmulatedAccount.Pattern(5, 20 * EmulatedAccount.Chunk));
        var full = await ReplicateAsync(cancellationToken);
        Account.Write(instance.DataIds[0], 400 << 20, EmulatedAccount.Pattern(6, 3 * EmulatedAccount.Chunk));

        var incremental = await ReplicateAsync(cancellationToken);

        await Account.AssertReplicaEqualsSourceAsync(instance);
        const long both = 2 * EmulatedAccount.GiB;
        Assert.Multiple(() =>
        {
            Assert.That(full, Is.InRange(both, both + Discovery));
            Assert.That(incremental, Is.InRange(both + (3 * EmulatedAccount.Chunk), both + (3 * EmulatedAccount.Chunk) + Discovery));
        });
    }

    /// <returns>How many bytes were read of the worker's volumes from when they were attached until everything was committed.</returns>
    private async Task<long> ReplicateAsync(CancellationToken cancellationToken)
    {
        var before = 0L;
        var after = 0L;
        await using var error = new ReactingWriter(("starting the agent", () => before = BytesRead()), ("release", () => after = Math.Max(after, BytesRead())));
        var app = new App(new Terminal(TextWriter.Null, error), TimeProvider.System);
        string[] command = ["replicate", "web", "--to", Account.To, "--state", Account.State, .. WorkerAccount.Options("worker"), .. Account.Connection];

        Assert.That(await app.RunAsync(command, cancellationToken), Is.EqualTo(ExitCode.Done), error.ToString());
        return after - before;
    }

    /// <summary>What has been read of all loop devices over this account's volumes. The kernel's Documentation/block/stat.rst: the third field counts sectors.</summary>
    private long BytesRead() => Directory.GetDirectories("/sys/block", "loop*")
        .Where(device => ReadOrNothing($"{device}/loop/backing_file").StartsWith(Account.Folder["emulator"], StringComparison.Ordinal))
        .Select(static device => ReadOrNothing($"{device}/stat").Split(' ', StringSplitOptions.RemoveEmptyEntries))
        .Sum(static fields => fields.Length > 2 ? long.Parse(fields[2], CultureInfo.InvariantCulture) * SectorSize : 0);

    private static string ReadOrNothing(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (IOException)
        {
            // The device has no file, or no longer.
            return "";
        }
    }
}
